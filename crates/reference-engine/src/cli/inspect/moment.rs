//! Moments, as a person names them and reads them.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use background_sync::StoreContents;
use background_sync::registration::{StoredRegistration, StoredState, StoredWait, WallTime};
use background_sync_simulator::timeline::Time;

/// The moment to look at a store from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The last moment that the store notes.
    Last,
    /// So long after that.
    After(Duration),
    /// When the command runs.
    Now,
    /// Another one.
    Moment(WallTime),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "last" => return Ok(Self::Last),
            "now" => return Ok(Self::Now),
            _ => {}
        }
        if let Some(after) = text.strip_prefix('+') {
            return Ok(Self::After(Time::parse(after)?.0));
        }
        match humantime::parse_rfc3339_weak(text) {
            Ok(time) => Ok(Self::Moment(of_system_time(time))),
            Err(_) => Err("write last, now, a time after the last such as +2h, or a moment in UTC such as \
                           2026-01-05T09:30:00Z"
                .to_owned()),
        }
    }
}

impl At {
    /// The moment meant, for a store that holds this.
    pub(super) fn resolve(self, contents: &StoreContents) -> WallTime {
        match self {
            Self::Last => last_noted(contents),
            Self::After(after) => last_noted(contents).after(after),
            Self::Now => now(),
            Self::Moment(moment) => moment,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a person asks what a store looks like now")]
fn now() -> WallTime {
    of_system_time(SystemTime::now())
}

fn of_system_time(time: SystemTime) -> WallTime {
    let ms = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    WallTime::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// When the last thing happened that left a trace: a registration, the begin of a wait, the end of a periodic event, an
/// event in the background. The epoch for a store without any.
fn last_noted(contents: &StoreContents) -> WallTime {
    let registrations = contents.registrations.iter().flat_map(noted);
    let events = contents.budgets.iter().flat_map(|budget| budget.entries.iter().map(|(at, _, _)| *at));
    registrations.chain(events).max().unwrap_or_default()
}

fn noted(stored: &StoredRegistration) -> [WallTime; 3] {
    let began = |wait: StoredWait| {
        let length = i64::try_from(wait.length.as_millis()).unwrap_or(i64::MAX);
        WallTime::from_unix_ms(wait.until.unix_ms().saturating_sub(length))
    };
    let wait = match stored.state {
        StoredState::Pending(wait) => wait,
        StoredState::Waiting(wait, _) => Some(wait),
        StoredState::Firing(_) | StoredState::ReregisteredWhileFiring => None,
    };
    let registered = stored.registered.wall;
    let anchor = stored.schedule.map_or(registered, |schedule| schedule.anchor);
    [registered, wait.map_or(registered, began), anchor]
}

/// A moment with its distance from another: `2026-01-05 09:30:00 UTC, 20min before`.
pub(super) fn shown_from(moment: WallTime, from: WallTime) -> String {
    let shown = shown(moment);
    match (moment.since(from).as_secs(), from.since(moment).as_secs()) {
        (0, 0) => shown,
        (later, 0) => format!("{shown}, {} later", roughly(Duration::from_secs(later))),
        (_, before) => format!("{shown}, {} before", roughly(Duration::from_secs(before))),
    }
}

/// A moment to the second. A wrong clock may have written any.
pub(super) fn shown(moment: WallTime) -> String {
    const YEAR_10000: i64 = 253_402_300_800_000;
    let ms = moment.unix_ms();
    match u64::try_from(ms) {
        Ok(since) if ms < YEAR_10000 => {
            let text = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_millis(since)).to_string();
            text.replace('T', " ").replace('Z', " UTC")
        }
        Ok(_) | Err(_) => format!("{ms} ms after 1970"),
    }
}

/// A length without what nobody asks for.
pub(super) fn roughly(length: Duration) -> String {
    let unit = match length.as_secs() {
        0..3_600 => 1,
        3_600..86_400 => 60,
        _ => 3_600,
    };
    Time::seconds(length.as_secs() / unit * unit).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_may_write() {
        assert_eq!("last".parse(), Ok(At::Last));
        assert_eq!("now".parse(), Ok(At::Now));
        assert_eq!("+1h 30min".parse(), Ok(At::After(Duration::from_secs(5_400))));
        let start = At::Moment(WallTime::from_unix_ms(1_767_603_600_000));
        assert_eq!("2026-01-05T09:00:00Z".parse(), Ok(start));
        assert_eq!("2026-01-05 09:00:00".parse(), Ok(start));
        for wrong in ["", "yesterday", "+soon", "09:00", "2h"] {
            assert!(wrong.parse::<At>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_read_well_and_none_is_too_strange() {
        let at = |s: i64| WallTime::from_unix_ms(1_767_603_600_000 + s * 1_000);
        assert_eq!(shown_from(at(90), at(0)), "2026-01-05 09:01:30 UTC, 1min 30s later");
        assert_eq!(shown_from(at(0), at(90_061)), "2026-01-05 09:00:00 UTC, 1d 1h before");
        assert_eq!(shown_from(at(0), at(0)), "2026-01-05 09:00:00 UTC");
        assert_eq!(shown(WallTime::from_unix_ms(253_402_300_799_999)), "9999-12-31 23:59:59 UTC");
        for ms in [i64::MIN, -1, 253_402_300_800_000, i64::MAX] {
            assert_eq!(shown(WallTime::from_unix_ms(ms)), format!("{ms} ms after 1970"));
            shown_from(WallTime::from_unix_ms(ms), at(0));
        }
    }
}
