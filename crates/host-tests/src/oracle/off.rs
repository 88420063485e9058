//! Background sync that is switched off answers, and does nothing else.

use background_sync::{Machine, Output};

use super::{Verdict, broken};

/// What a machine that is switched off may say.
pub(super) fn may_be_said(output: &Output) -> Verdict {
    match output {
        Output::Reply { .. } | Output::Event(_) | Output::WakeDone { .. } => Ok(()),
        Output::Load
        | Output::Start { .. }
        | Output::AskUser { .. }
        | Output::Dispatch { .. }
        | Output::Abandon { .. }
        | Output::Terminate { .. }
        | Output::Commit { .. }
        | Output::Rewrite { .. }
        | Output::AskNetwork { .. }
        | Output::ArmWakeUp(_)
        | Output::KeepAlive(_) => broken("off", format!("background sync is off, and says {output:?}")),
    }
}

/// It has nothing to do at any moment.
pub(super) fn nothing_is_due(machine: &Machine) -> Verdict {
    match (machine.next_deadline(), machine.next_wakeup()) {
        (None, None) => Ok(()),
        due => broken("off", format!("background sync is off, and something is due: {due:?}")),
    }
}
