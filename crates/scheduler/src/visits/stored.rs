use std::fmt;

use background_sync_registration::{Damage, open, seal};
use serde::{Deserialize, Serialize};

use super::availability::HALF_HOURS;
use super::civil::{Day, MINUTES_PER_DAY};
use super::habit::{Forecast, Habit};
use super::histogram::Histogram;
use super::presence::Presence;
use super::{Availability, BinWidth, VisitModel};

/// Version of the stored form of a [`VisitModel`].
pub const STORED_VISITS_VERSION: u8 = 1;
/// Version of the stored form of an [`Availability`].
pub const STORED_AVAILABILITY_VERSION: u8 = 1;

impl VisitModel {
    /// The bytes to store, some 330: version, checksum, content.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_VISITS_VERSION, self)
    }

    /// Reads stored bytes. They are taken as a whole or not at all.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidVisits> {
        open::<StoredModel>(STORED_VISITS_VERSION, bytes)?.try_into()
    }
}

impl Availability {
    /// The bytes to store, about 100: version, checksum, content. What is so at the moment is not among them: nobody
    /// watches while the program does not run.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_AVAILABILITY_VERSION, self)
    }

    /// Reads stored bytes. They are taken as a whole or not at all.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidVisits> {
        open::<StoredAvailability>(STORED_AVAILABILITY_VERSION, bytes)?.try_into()
    }
}

/// Why what was stored is no [`VisitModel`], or no [`Availability`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidVisits {
    /// The bytes are not what was written.
    Damaged(Damage),
    /// A field has a value that no model can have.
    Impossible {
        /// Which.
        field: &'static str,
    },
}

impl From<Damage> for InvalidVisits {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl fmt::Display for InvalidVisits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(damage) => damage.fmt(f),
            Self::Impossible { field } => {
                write!(f, "`{field}` of what was learnt about visits has an impossible value")
            }
        }
    }
}

impl std::error::Error for InvalidVisits {}

/// A model as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredModel {
    width: BinWidth,
    habits: [StoredHabit; 2],
    later: Vec<u8>,
    second_slot: Option<u16>,
    weekdays: [u8; 7],
    last_day: Option<i32>,
    last_visit: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredHabit {
    first: Vec<u8>,
    last: Option<u8>,
    days: u8,
    /// Slot and loss of each forecaster.
    forecasts: [(i16, u16); 2],
}

impl From<VisitModel> for StoredModel {
    fn from(model: VisitModel) -> Self {
        let VisitModel { width, habits, later, second_slot, presence, last_visit } = model;
        Self {
            width,
            habits: habits.map(|habit| StoredHabit {
                first: habit.first.counts(width).to_vec(),
                last: habit.last,
                days: habit.days,
                forecasts: habit.forecasts.map(|Forecast { slot, loss }| (slot, loss)),
            }),
            later: later.counts(width).to_vec(),
            second_slot,
            weekdays: presence.shares,
            last_day: presence.last.map(|Day(day)| day),
            last_visit,
        }
    }
}

impl TryFrom<StoredModel> for VisitModel {
    type Error = InvalidVisits;

    fn try_from(stored: StoredModel) -> Result<Self, InvalidVisits> {
        let width = stored.width;
        let [workday, weekend] = stored.habits;
        let second_slot = stored.second_slot;
        require(second_slot.is_none_or(|slot| i64::from(slot) <= MINUTES_PER_DAY), "second_slot")?;
        Ok(Self {
            width,
            habits: [habit(workday, width)?, habit(weekend, width)?],
            later: Histogram::from_counts(&stored.later, width).ok_or(InvalidVisits::Impossible { field: "later" })?,
            second_slot,
            presence: Presence { shares: stored.weekdays, last: stored.last_day.map(Day) },
            last_visit: stored.last_visit,
        })
    }
}

fn habit(stored: StoredHabit, width: BinWidth) -> Result<Habit, InvalidVisits> {
    let StoredHabit { first, last, days, forecasts } = stored;
    require(last.is_none_or(|bin| usize::from(bin) < width.bins()), "habits.last")?;
    let is_slot = |slot: i16| (-MINUTES_PER_DAY..MINUTES_PER_DAY).contains(&i64::from(slot));
    require(forecasts.iter().all(|(slot, _)| is_slot(*slot)), "habits.forecasts.slot")?;
    require(forecasts.iter().all(|(_, loss)| i64::from(*loss) < MINUTES_PER_DAY), "habits.forecasts.loss")?;
    Ok(Habit {
        first: Histogram::from_counts(&first, width).ok_or(InvalidVisits::Impossible { field: "habits.first" })?,
        last,
        days,
        forecasts: forecasts.map(|(slot, loss)| Forecast { slot, loss }),
    })
}

fn require(holds: bool, field: &'static str) -> Result<(), InvalidVisits> {
    if holds { Ok(()) } else { Err(InvalidVisits::Impossible { field }) }
}

/// An availability as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredAvailability {
    workday: Vec<u8>,
    weekend: Vec<u8>,
}

impl From<Availability> for StoredAvailability {
    fn from(availability: Availability) -> Self {
        let [workday, weekend] = availability.shares.map(Vec::from);
        Self { workday, weekend }
    }
}

impl TryFrom<StoredAvailability> for Availability {
    type Error = InvalidVisits;

    fn try_from(stored: StoredAvailability) -> Result<Self, InvalidVisits> {
        let shares = |shares: Vec<u8>, field| {
            <[u8; HALF_HOURS]>::try_from(shares).map_err(|_| InvalidVisits::Impossible { field })
        };
        Ok(Self::from_shares([shares(stored.workday, "workday")?, shares(stored.weekend, "weekend")?]))
    }
}
