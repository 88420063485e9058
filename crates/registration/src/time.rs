use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// A moment on a clock that never goes back and stands still while the system sleeps.
///
/// Counted from a start the host chooses; only differences mean anything. Everything that runs is
/// measured with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct MonotonicTime(Duration);

impl MonotonicTime {
    /// The start of the clock.
    pub const ZERO: Self = Self(Duration::ZERO);
    /// Later than anything that will happen.
    pub const FAR_FUTURE: Self = Self(Duration::MAX);

    /// The moment `since_start` after the clock's start.
    #[must_use]
    pub const fn from_start(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// Time since the clock's start.
    #[must_use]
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// Time from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `by` more, at most [`Self::FAR_FUTURE`].
    #[must_use]
    #[inline]
    pub const fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }

    /// Nanoseconds since the clock's start: what queues keep of a moment. After 584 years it is the
    /// [far future](Self::FAR_FUTURE).
    #[must_use]
    #[inline]
    pub const fn nanos(self) -> u64 {
        nanos(self.0)
    }

    /// The moment so many nanoseconds after the clock's start; the largest number is the
    /// [far future](Self::FAR_FUTURE).
    #[must_use]
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(duration(nanos))
    }
}

/// A length in one word. What is longer than 584 years is for ever.
pub(crate) const fn nanos(length: Duration) -> u64 {
    let nanos = length.as_nanos();
    if nanos < u64::MAX as u128 { nanos as u64 } else { u64::MAX }
}

/// The length of so many nanoseconds; the largest number is for ever.
pub(crate) const fn duration(nanos: u64) -> Duration {
    if nanos == u64::MAX { Duration::MAX } else { Duration::from_nanos(nanos) }
}

/// A moment of the monotonic clock in one word, of which `Option` needs no more room: nanoseconds, and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Moment {
    pub(crate) const fn of(at: MonotonicTime) -> Self {
        Self(NonZeroU64::MIN.saturating_add(at.nanos()))
    }

    pub(crate) const fn get(self) -> MonotonicTime {
        match self.0.get() {
            u64::MAX => MonotonicTime::FAR_FUTURE,
            nanos => MonotonicTime::from_nanos(nanos - 1),
        }
    }
}

/// A moment of civil time, in milliseconds since 1970-01-01T00:00Z. It can jump both ways.
///
/// Only what is stored is measured with it, because it is the one clock that survives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct WallTime(i64);

impl WallTime {
    /// The moment `ms` milliseconds after the epoch (before it, if negative).
    #[must_use]
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Time from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> Duration {
        let ms = self.0.saturating_sub(earlier.0);
        if ms <= 0 { Duration::ZERO } else { Duration::from_millis(ms.unsigned_abs()) }
    }

    /// This moment and `by` more. Saturates.
    #[must_use]
    #[inline]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Both clocks read at one moment. Every input carries one. A host has to give both, so there is no default for one of
/// them, and were there a third, every host would have to read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Now {
    /// The clock for what runs.
    pub monotonic: MonotonicTime,
    /// The clock for what is stored.
    pub wall: WallTime,
}

/// A wait that outlives the process.
///
/// Its end is known on both clocks. While the process runs the monotonic one decides; after a restart
/// or a jump the wall clock tells how much is left, never more than was.
///
/// Three words, because there may be a million of them; a wait of more than 584 years is one for ever.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    until: Moment,
    until_wall: WallTime,
    length: u64,
}

impl Wait {
    fn new(until: MonotonicTime, until_wall: WallTime, length: Duration) -> Self {
        Self { until: Moment::of(until), until_wall, length: nanos(length) }
    }

    /// A wait of `length` from `now`.
    #[must_use]
    pub fn starting(now: Now, length: Duration) -> Self {
        Self::new(now.monotonic.after(length), now.wall.after(length), length)
    }

    /// A wait of `length` that began at `since`, a monotonic moment not later than `now`.
    #[must_use]
    #[inline]
    pub fn since(since: MonotonicTime, length: Duration, now: Now) -> Option<Self> {
        let left = since.after(length).since(now.monotonic);
        (!left.is_zero()).then(|| Self::starting(now, left))
    }

    /// A stored wait taken up again: what the wall clock says is left, within zero and the whole.
    #[must_use]
    pub fn resumed(until_wall: WallTime, length: Duration, now: Now) -> Self {
        let left = until_wall.since(now.wall).min(length);
        Self::new(now.monotonic.after(left), now.wall.after(left), length)
    }

    /// The same wait after the clocks came apart: what the wall clock says is left, within zero and
    /// what was left on the monotonic clock.
    #[must_use]
    pub fn realigned(self, now: Now) -> Self {
        let left = self.until_wall.since(now.wall).min(self.until().since(now.monotonic));
        Self::new(now.monotonic.after(left), now.wall.after(left), self.length())
    }

    /// When it ends, on the monotonic clock.
    #[must_use]
    #[inline]
    pub const fn until(self) -> MonotonicTime {
        self.until.get()
    }

    /// When it ends, on the wall clock.
    #[must_use]
    pub const fn until_wall(self) -> WallTime {
        self.until_wall
    }

    /// How long it was meant to take.
    #[must_use]
    pub const fn length(self) -> Duration {
        duration(self.length)
    }

    /// Whether it has ended.
    #[must_use]
    #[inline]
    pub fn is_over(self, now: MonotonicTime) -> bool {
        self.until() <= now
    }

    /// The later of two waits.
    #[must_use]
    pub fn later(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if a.until >= b.until { a } else { b }),
            (one, other) => one.or(other),
        }
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (until, until_wall, length) = (self.until(), self.until_wall, self.length());
        write!(f, "Wait {{ until: {until:?}, until_wall: {until_wall:?}, length: {length:?} }}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(monotonic: u64, wall: i64) -> Now {
        Now {
            monotonic: MonotonicTime::from_start(Duration::from_secs(monotonic)),
            wall: WallTime::from_unix_ms(wall * 1_000),
        }
    }

    #[test]
    fn a_resumed_wait_is_never_longer_than_it_was() {
        let wait = Wait::starting(now(0, 1_000), Duration::from_secs(30));
        let left =
            |wall| Wait::resumed(wait.until_wall(), wait.length(), now(5, wall)).until().since_start().as_secs() - 5;
        assert_eq!(left(1_010), 20);
        assert_eq!(left(2_000), 0, "the time passed while the process was away");
        assert_eq!(left(0), 30, "the wall clock was set back");
    }

    #[test]
    fn a_jump_shortens_a_wait_but_never_prolongs_it() {
        let wait = Wait::starting(now(0, 1_000), Duration::from_secs(30));
        assert_eq!(wait.realigned(now(10, 1_025)).until(), now(15, 0).monotonic, "slept 15 s");
        assert_eq!(wait.realigned(now(10, 0)).until(), wait.until(), "set back");
    }

    #[test]
    fn extreme_clocks_saturate() {
        assert_eq!(WallTime::from_unix_ms(i64::MAX).after(Duration::MAX).unix_ms(), i64::MAX);
        assert_eq!(WallTime::from_unix_ms(i64::MIN).since(WallTime::from_unix_ms(i64::MAX)), Duration::ZERO);
        assert_eq!(MonotonicTime::FAR_FUTURE.after(Duration::from_secs(1)), MonotonicTime::FAR_FUTURE);
        let for_ever = Wait::starting(now(7, 7), Duration::MAX);
        assert_eq!((for_ever.until(), for_ever.length()), (MonotonicTime::FAR_FUTURE, Duration::MAX));
    }

    #[test]
    fn a_wait_keeps_every_nanosecond_and_no_wait_takes_no_more_room() {
        let length = Duration::new(3, 141_592_653);
        let wait = Wait::starting(now(5, 5), length);
        assert_eq!((wait.until(), wait.length()), (now(5, 5).monotonic.after(length), length));
        assert_eq!(size_of::<Option<Wait>>(), 24);
    }
}
