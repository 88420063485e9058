use std::fmt;
use std::str::FromStr;

/// A kind of reader. Visits are local time; "±" is a standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Reads at 07:00 ± 15 min on weekdays, at 09:30 ± 60 min on 7 weekend days in 10, and on 6 evenings in 10.
    Commuter,
    /// The same with uniform draws: ± 15, 60 and 40 are the bounds.
    CommuterUniform,
    /// At 09:30 ± 60 min on weekends, hardly ever missing one, and some Sunday evenings.
    Weekend,
    /// Three shifts in weekly turns; reads 20 min after getting up, and in some breaks.
    Shift,
    /// At 12:15 ± 20 min on weekdays.
    Lunch,
    /// At midnight ± 45 min, and some afternoons.
    NightOwl,
    /// At 20:40 ± 45 min.
    Evening,
    /// A commuter with two trips of five days, 6 to 9 hours east or west; out of step for two days after each flight.
    Traveller,
    /// A commuter whose clocks change in the seventh week.
    ClockChange,
    /// A commuter whose mornings move by 36 to 180 min after six weeks.
    JobChange,
    /// A commuter who is away for two weeks.
    Holiday,
    /// A commuter who never comes back after three weeks.
    Lapsed,
    /// The first ten days of a commuter.
    Newcomer,
    /// Gets up late and irregularly, reads in bursts through the day.
    Student,
    /// No habit at all: 0.7 visits a day, at any minute of it.
    Erratic,
    /// No habit but sleep: 0.7 visits a day, between 07:30 and 23:30.
    ErraticByDay,
}

impl Kind {
    /// All of them, in the order of tables. A person's draws depend on the place in it.
    pub const ALL: [Self; 16] = [
        Self::Commuter,
        Self::CommuterUniform,
        Self::Weekend,
        Self::Shift,
        Self::Lunch,
        Self::NightOwl,
        Self::Evening,
        Self::Traveller,
        Self::ClockChange,
        Self::JobChange,
        Self::Holiday,
        Self::Lapsed,
        Self::Newcomer,
        Self::Student,
        Self::Erratic,
        Self::ErraticByDay,
    ];

    /// The kinds whose average is the study's first figure.
    pub const REGULAR: [Self; 3] = [Self::Commuter, Self::Weekend, Self::Shift];

    /// As tables and options write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commuter => "commuter",
            Self::CommuterUniform => "commuter-uniform",
            Self::Weekend => "weekend",
            Self::Shift => "shift",
            Self::Lunch => "lunch",
            Self::NightOwl => "night-owl",
            Self::Evening => "evening",
            Self::Traveller => "traveller",
            Self::ClockChange => "clock-change",
            Self::JobChange => "job-change",
            Self::Holiday => "holiday",
            Self::Lapsed => "lapsed",
            Self::Newcomer => "newcomer",
            Self::Student => "student",
            Self::Erratic => "erratic",
            Self::ErraticByDay => "erratic-by-day",
        }
    }

    /// Days that are simulated.
    pub(super) const fn days(self) -> i64 {
        match self {
            Self::Newcomer => 10,
            Self::Traveller => 56,
            Self::Commuter
            | Self::CommuterUniform
            | Self::Weekend
            | Self::Shift
            | Self::Lunch
            | Self::NightOwl
            | Self::Evening
            | Self::ClockChange
            | Self::JobChange
            | Self::Holiday
            | Self::Lapsed
            | Self::Student
            | Self::Erratic
            | Self::ErraticByDay => 84,
        }
    }

    /// The place in [`Self::ALL`].
    pub(super) fn index(self) -> u64 {
        Self::ALL.iter().take_while(|kind| **kind != self).count() as u64
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind)
    }
}

/// No kind of reader has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind;

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        write!(f, "no such kind of reader; there are {}", names.join(", "))
    }
}

impl std::error::Error for UnknownKind {}
