use std::collections::BTreeSet;

use background_sync::scheduler::{NetworkState, Preset};
use background_sync_simulator::timeline::{
    Behaviour, By, Deed, End, Expectation, PartitionName, Process, Start, Step, Time, Timeline, Word as _,
    WorkerCondition,
};

use super::Pace;

/// Parameters that only make exact what a browser may choose. A fixture that sets others needs them.
const EXACT: [&str; 7] = [
    "jitter",
    "first_fire_spread",
    "first_fire_spread_in_background",
    "online_hold",
    "online_hold_max",
    "early_retries_per_hour",
    "max_age",
];

/// Parameters that a browser can be started with.
const OFFERED: [&str; 4] =
    ["initial_retry_delay", "retry_delay_factor", "max_sync_attempts", "max_sync_event_duration"];

/// What a call may say of itself. Everything else would be a fact that a page has no say in.
const OF_A_CALL: [&str; 5] = ["worker", "tag", "min_interval", "by", "id"];

/// How fast a browser plays a timeline, if a web page can observe it.
///
/// # Errors
/// Why not, each reason once.
pub fn observable(timeline: &Timeline) -> Result<Pace, Vec<String>> {
    let mut reasons = BTreeSet::new();
    for name in keys(&timeline.parameters) {
        if !EXACT.contains(&name.as_str()) && !OFFERED.contains(&name.as_str()) {
            reasons.insert(format!("a browser has no parameter `{name}`"));
        }
    }
    for worker in &timeline.workers {
        if !worker.scope.starts_with("https://") {
            reasons.insert("an insecure origin has no service worker".to_owned());
        }
        if worker.third_party_of.is_some() {
            reasons.insert("a third party's registration is out of a page's reach".to_owned());
        }
    }
    if timeline.preset == Preset::Private {
        reasons.insert("a browser has no preset `private`".to_owned());
    }
    if asks_in_a_closed_partition(timeline) {
        reasons.insert("in a partition that is closed there is nobody to ask".to_owned());
    }
    let acts = timeline.steps.iter().flat_map(|step| &step.acts);
    reasons.extend(acts.filter_map(|act| has_no_equivalent(act).map(|what| format!("`{}`: {what}", act.word()))));
    if !timeline.steps.iter().any(|step| step.expect.iter().any(|expected| can_be_seen(&expected.what))) {
        reasons.insert("nothing it expects shows in a page".to_owned());
    }
    if !reasons.is_empty() {
        return Err(reasons.into_iter().collect());
    }
    Pace::of(timeline).map_err(|reason| vec![reason])
}

fn asks_in_a_closed_partition(timeline: &Timeline) -> bool {
    let of = |name: &str| timeline.workers.iter().find(|worker| worker.name == name).map(|worker| worker.partition);
    let mut closed: Vec<PartitionName> = Vec::new();
    timeline.steps.iter().any(|step| {
        closed.extend(
            step.acts.iter().filter_map(|act| if let Step::Close(partition) = act { Some(*partition) } else { None }),
        );
        let asks = |name: &str| of(name).is_some_and(|partition| closed.contains(&partition));
        let calls = step.acts.iter().any(|act| if let Step::GetTags(call) = act { asks(&call.worker) } else { false });
        let looks = |expectation: &Expectation| {
            if let Expectation::Registration(expected) = expectation { asks(&expected.worker) } else { false }
        };
        calls || step.expect.iter().any(|expected| looks(&expected.what))
    })
}

/// The fields that are set.
fn keys<T: serde::Serialize>(value: &T) -> Vec<String> {
    toml::Table::try_from(value).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// Why no page and no user of a browser can do this, if so.
fn has_no_equivalent(act: &Step) -> Option<&'static str> {
    let given = |told: bool| told.then_some("it is told facts that a page has no say in");
    match act {
        Step::Windows(_)
        | Step::UnregisterPeriodic(_)
        | Step::GetTags(_)
        | Step::Permission(_)
        | Step::Switch(_)
        | Step::Unregister(_)
        | Step::Reinstall(_)
        | Step::Close(_) => None,
        Step::Network(network) => match &network.0 {
            NetworkState::Offline => None,
            online if *online == NetworkState::online() => None,
            NetworkState::Online { .. } => Some("a link has no such property here"),
            NetworkState::Unknown | NetworkState::Captive => Some("a link is up or down"),
        },
        Step::Register(call) => given(keys(call).iter().any(|key| !OF_A_CALL.contains(&key.as_str()))),
        Step::RegisterPeriodic(call) => given(keys(call).iter().any(|key| !OF_A_CALL.contains(&key.as_str()))),
        Step::RegisterMany(_) => Some("a page would take minutes"),
        Step::Worker(worker) => match worker.state {
            WorkerCondition::Active => None,
            WorkerCondition::NotLoaded | WorkerCondition::None | WorkerCondition::Activating => {
                Some("a page cannot take an active worker away")
            }
        },
        Step::Behave(behaviour) => strange(behaviour),
        Step::Finish(finish) => match finish.how {
            End::Fulfil | End::Reject | End::Terminate | End::Crash => None,
            End::Defer(_) => Some("a worker cannot put an event off"),
        },
        Step::Clear(clear) => (clear.origin.is_none() || clear.worker.is_some() || clear.since.is_some())
            .then_some("a browser clears an origin, whole"),
        Step::Process(process) => match process {
            Process::Shutdown | Process::Crash | Process::Start => None,
            Process::Freeze | Process::Thaw => Some("a frozen browser can be asked nothing"),
        },
        Step::OriginNetwork(_) => Some("a link is everybody's"),
        Step::Cancel(_) => Some("only the engine's own interface cancels"),
        Step::Restriction(_) | Step::Power(_) | Step::Woken(_) | Step::WakeUps(_) => {
            Some("the operating system does it")
        }
        Step::Override(_) | Step::User(_) => Some("the engine's own interface does it"),
        Step::Visit(_) | Step::UtcOffset(_) | Step::Engagement(_) | Step::Pause(_) => {
            Some("a page knows nothing of its engagement")
        }
        Step::System(_) | Step::Clock(_) => Some("the machine's clock is everybody's"),
        Step::Store(_) => Some("a browser's disk is not ours to break"),
        Step::Replies(_) | Step::Notices(_) | Step::Removals(_) | Step::WorkersKnown(_) | Step::Odd(_) => {
            Some("it happens between an engine and its host")
        }
    }
}

fn strange(behaviour: &Behaviour) -> Option<&'static str> {
    if behaviour.starts_in != Time::ZERO {
        return Some("how long a worker takes to start is not a script's to say");
    }
    match behaviour.start {
        Start::Works => {}
        Start::Fails | Start::Busy | Start::Lost | Start::Hangs => {
            return Some("how a worker starts is not a script's to say");
        }
    }
    match behaviour.deed {
        Deed::Fulfil | Deed::Reject | Deed::Crash | Deed::Hang => None,
        Deed::Defy => Some("a worker cannot survive its termination"),
        Deed::Defer(_) => Some("a worker cannot put an event off"),
    }
}

/// Whether what is expected shows in a page or a worker.
fn can_be_seen(expectation: &Expectation) -> bool {
    match expectation {
        Expectation::Reply(_)
        | Expectation::Event(_)
        | Expectation::NoEvent(_)
        | Expectation::Events(_)
        | Expectation::Registration(_)
        | Expectation::Running(_) => true,
        Expectation::Starts(_)
        | Expectation::Registered(_)
        | Expectation::WhyNot(_)
        | Expectation::Log(_)
        | Expectation::NoLog(_)
        | Expectation::LogEntries(_)
        | Expectation::Asked(_)
        | Expectation::Commits(_)
        | Expectation::StoreOps(_)
        | Expectation::Stored(_)
        | Expectation::WakeUp(_)
        | Expectation::WakeDone(_)
        | Expectation::Terminate(_)
        | Expectation::Abandoned(_)
        | Expectation::KeepAlive(_) => false,
    }
}

/// Who calls, in a browser: a page where there is one, or else the worker.
#[must_use]
pub(super) fn caller(by: By, windows: usize) -> By {
    match by {
        By::Page if windows > 0 => By::Page,
        By::Page | By::Worker => By::Worker,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(body: &str) -> Vec<String> {
        let worker = "[[worker]]\nname = \"w\"\nscope = \"https://w.example/\"\n";
        let text = format!("title = \"t\"\ndrawn = true\n{body}\n");
        let text =
            if text.contains("[[worker]]") { text } else { text.replacen("[[step]]", &format!("{worker}[[step]]"), 1) };
        observable(&Timeline::parse("t", &text).unwrap_or_else(|error| panic!("{error}"))).err().unwrap_or_default()
    }

    const SEEN: &str = "expect.no_event = {}\n";

    #[test]
    fn what_users_and_pages_do_can_be_observed() {
        let acts = "network = \"offline\"\nregister = { worker = \"w\", tag = \"t\", by = \"worker\", id = \"a\" }\n\
                    behave = { worker = \"w\", does = \"reject\", takes = \"2s\", times = 3 }\nunregister = \"w\"\nprocess = \"crash\"\n";
        assert_eq!(reasons(&format!("[[step]]\n{acts}{SEEN}")), Vec::<String>::new());
    }

    #[test]
    fn what_they_do_not_do_has_a_reason_by_its_word() {
        for (act, reason) in [
            ("store = \"fails\"", "`store`: a browser's disk is not ours to break"),
            ("network = \"captive\"", "`network`: a link is up or down"),
            (
                "register = { worker = \"w\", tag = \"t\", top_level = 0 }",
                "`register`: it is told facts that a page has no say in",
            ),
            (
                "behave = { worker = \"w\", starts_in = \"5s\" }",
                "`behave`: how long a worker takes to start is not a script's to say",
            ),
            (
                "behave = { worker = \"w\", start = \"fails\" }",
                "`behave`: how a worker starts is not a script's to say",
            ),
        ] {
            assert_eq!(reasons(&format!("[[step]]\n{act}\n{SEEN}")), [reason]);
        }
    }

    #[test]
    fn parameters_expectations_and_workers_have_reasons_too() {
        let parameters = format!("[parameters]\njitter = \"none\"\nmax_tag_length = 5\n[[step]]\n{SEEN}");
        assert_eq!(reasons(&parameters), ["a browser has no parameter `max_tag_length`"]);
        assert_eq!(reasons("[[step]]\nexpect.stored = 0"), ["nothing it expects shows in a page"]);
        let insecure = format!("[[worker]]\nname = \"w\"\nscope = \"http://w.example/\"\n[[step]]\n{SEEN}");
        assert_eq!(reasons(&insecure), ["an insecure origin has no service worker"]);
        let closed = "[[worker]]\nname = \"w\"\nscope = \"https://w.example/\"\npartition = \"private\"\n[[step]]\nclose = \"private\"\n\
                      [[step]]\nget_tags = { worker = \"w\" }\nexpect.no_event = {}";
        assert_eq!(reasons(closed), ["in a partition that is closed there is nobody to ask"]);
    }

    #[test]
    fn a_page_calls_where_there_is_one() {
        assert_eq!(caller(By::Page, 1), By::Page);
        assert_eq!(caller(By::Page, 0), By::Worker);
        assert_eq!(caller(By::Worker, 1), By::Worker);
    }
}
