//! Any input at any time, from a host that keeps its word when it likes.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use background_sync::registration::MonotonicTime;
use background_sync::scheduler::{SyncParameters, ValidParameters};

use super::draw;
use super::host::Host;

/// More steps find nothing that fewer do not.
const MOST_STEPS: usize = 400;

/// Tells a machine what the bytes stand for.
///
/// # Panics
/// When the machine breaks an invariant, ticks without getting on, or does not answer everybody by the
/// end of its shutdown.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Ok(params) = parameters(&mut bytes) else { return };
    let mut host = Host::new(params, bytes.arbitrary().unwrap_or_default());
    for _ in 0..MOST_STEPS {
        if bytes.is_empty() || step(&mut bytes, &mut host).is_err() {
            break;
        }
    }
    host.shut_down();
}

fn parameters(bytes: &mut Unstructured<'_>) -> Result<ValidParameters> {
    let mut params = match bytes.int_in_range(0..=2)? {
        0 => SyncParameters::recommended(),
        1 => SyncParameters::chromium(),
        _ => SyncParameters::private(),
    }
    .into_parameters();
    if bytes.ratio(1, 2)? {
        // Conditions that relax within the life of a host.
        let age = Duration::from_secs(bytes.int_in_range(1..=3_600)?);
        for conditions in [&mut params.conditions.one_shot, &mut params.conditions.periodic] {
            (conditions.unmetered, conditions.charging) = (Some(age), Some(age / 2));
        }
    }
    if bytes.arbitrary()? {
        params.limits.max_registrations_per_worker = 2;
        params.limits.max_registrations_per_origin = 3;
        params.max_queued_requests = 2;
        params.max_log_entries = 3;
        params.max_concurrent_events = 2;
        params.max_sync_attempts = 2;
        params.background_starts_per_day = 2;
    }
    params.network_mode = draw::network_mode(bytes)?;
    Ok(params.validated().expect("small caps make sense"))
}

fn step(bytes: &mut Unstructured<'_>, host: &mut Host) -> Result<()> {
    match bytes.int_in_range(0..=15)? {
        0..=3 => host.keep_word(),
        4 => host.break_word(),
        5..=6 => host.pass(Duration::from_millis(bytes.int_in_range(0..=10_000)?)),
        7 => host.pass(draw::duration(bytes)?),
        8 => host.pass_to_deadline(),
        9 => host.set_wall_clock(draw::wall_time(bytes)?),
        10 => host.set_monotonic_clock(MonotonicTime::from_start(draw::duration(bytes)?)),
        _ => {
            let request = host.next_request(bytes.ratio(1, 8)?);
            host.say(draw::input(bytes, request)?);
        }
    }
    Ok(())
}
