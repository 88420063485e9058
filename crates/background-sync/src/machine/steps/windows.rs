//! Windows that come and go, and what that does to background time.

use background_sync_policy::{Origin as OriginName, Partition, SyncKind, WindowClients};

use crate::machine::Machine;
use crate::machine::parts::origins::{OriginIx, WindowsChange};
use crate::machine::parts::time::Timer;

impl Machine {
    /// Only origins that have something to do with syncs are remembered.
    pub(in crate::machine) fn note_windows(&mut self, partition: Partition, name: &OriginName, windows: WindowClients) {
        if let Some(ix) = self.origins.find(partition, name) {
            self.note_windows_of(ix, windows);
        }
    }

    pub(in crate::machine) fn note_windows_of(&mut self, ix: OriginIx, windows: WindowClients) {
        let now = self.time.monotonic();
        let Some(origin) = self.origins.get_mut(ix) else { return };
        match origin.windows_changed(windows, now) {
            WindowsChange::LastClosed => {
                self.time.set(Timer::Grace(ix), now.after(self.rules.params().background_grace));
            }
            WindowsChange::FirstOpened => {
                // Somebody looks: no background budget is needed, and the spread is the short one.
                let spread = self.rules.params().first_fire_spread;
                origin.spread_no_later_than(now.after(self.rules.up_to(spread)));
                self.time.cancel(Timer::Grace(ix));
                self.seen_again(ix);
                self.wake.something_changed();
                self.origin_may_go_on(ix);
            }
            WindowsChange::Nothing => {}
        }
    }

    /// The last window of an origin has been closed for long enough to count.
    pub(in crate::machine) fn grace_over(&mut self, ix: OriginIx) {
        let (now, grace) = (self.time.monotonic(), self.rules.params().background_grace);
        if self.origins.get(ix).is_some_and(|origin| origin.in_background(now, grace)) {
            self.budget_running(ix);
            self.file_origin_for_wake(ix);
        }
    }

    /// The last window of an origin closed some time ago while its events run: their rest is background time.
    fn budget_running(&mut self, ix: OriginIx) {
        let (wall, now, params) = (self.time.wall(), self.time.cap_time(), self.rules.params());
        if !params.limits_background() {
            return;
        }
        let running = self.attempts.running_of(ix, false);
        let Some(origin) = self.origins.get_mut(ix) else { return };
        for id in &running {
            let Some(attempt) = self.attempts.get(*id) else { continue };
            let Some(left) = attempt.run().map(|run| run.left(now)) else { continue };
            let booked = origin.budget_mut(SyncKind::OneShot).book_rest(wall, left, attempt.last_chance(), params);
            if let Some(deadline) = self.attempts.goes_to_background(*id, now, booked) {
                self.time.set(Timer::Attempt(*id), deadline);
            }
        }
        if !running.is_empty() {
            self.budget_changed(ix);
        }
    }

    /// A window is open again while events run: they no longer cost background time, and what closing cut off
    /// theirs is given back.
    fn seen_again(&mut self, ix: OriginIx) {
        let now = self.time.cap_time();
        let mut settled = false;
        for id in self.attempts.running_of(ix, true) {
            let Some((used, deadline)) = self.attempts.leaves_background(id, now) else { continue };
            if let (Some((ticket, used)), Some(origin)) = (used, self.origins.get_mut(ix)) {
                origin.budget_mut(SyncKind::OneShot).settle(ticket, used);
                settled = true;
            }
            self.time.set(Timer::Attempt(id), deadline);
        }
        if settled {
            self.budget_changed(ix);
        }
    }

    /// A budget is written with the next commit, and whoever waits for it looks again.
    pub(in crate::machine) fn budget_changed(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get_mut(ix) else { return };
        if !origin.is_private() {
            origin.budget_is_stored();
            self.journal.note_budget(ix, origin.partition(), origin.name());
            self.write_lazily();
        }
        self.origin_may_go_on(ix);
    }
}
