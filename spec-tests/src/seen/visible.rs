use background_sync_simulator::timeline::{Expectation, Timeline};

/// Whether a timeline expects anything that can be seen from outside.
#[must_use]
pub(crate) fn expects_something_visible(timeline: &Timeline) -> bool {
    timeline.steps.iter().flat_map(|step| &step.expect).any(|expected| can_be_seen(&expected.what))
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
