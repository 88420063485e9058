use serde::{Deserialize, Serialize};

/// How much a user has to do with a site, as the engine judges it. An engine that does not says
/// [`Engagement::default`], which changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engagement {
    /// Nothing at all, or nothing any more: its periodic syncs are suspended until it is visited.
    None,
    /// Hardly anything.
    Minimal,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// Much.
    #[default]
    High,
    /// As much as there can be.
    Max,
}

/// By how much the shortest time between two events of an origin is multiplied (`periodic.def.effective`). Each is at
/// least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EngagementFactors {
    /// For [`Engagement::Minimal`].
    pub minimal: u32,
    /// For [`Engagement::Low`].
    pub low: u32,
    /// For [`Engagement::Medium`].
    pub medium: u32,
    /// For [`Engagement::High`].
    pub high: u32,
    /// For [`Engagement::Max`].
    pub max: u32,
}

impl EngagementFactors {
    /// Nothing is added. Who visits a site once or twice a day falls under the longer times of the other factors, and
    /// then its events drift to just after the visit.
    pub const NONE: Self = Self { minimal: 1, low: 1, medium: 1, high: 1, max: 1 };

    /// Chromium's: 3 for minimal, 2 for low and medium, 1 for high and max.
    pub const CHROMIUM: Self = Self { minimal: 3, low: 2, medium: 2, high: 1, max: 1 };

    /// The factor; `None` of an origin that is suspended.
    #[must_use]
    pub const fn of(&self, engagement: Engagement) -> Option<u32> {
        match engagement {
            Engagement::None => None,
            Engagement::Minimal => Some(self.minimal),
            Engagement::Low => Some(self.low),
            Engagement::Medium => Some(self.medium),
            Engagement::High => Some(self.high),
            Engagement::Max => Some(self.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromiums_factors_are_three_two_two_one_one_and_none_at_all() {
        let levels = [
            Engagement::None,
            Engagement::Minimal,
            Engagement::Low,
            Engagement::Medium,
            Engagement::High,
            Engagement::Max,
        ];
        let factors = levels.map(|level| EngagementFactors::CHROMIUM.of(level));
        assert_eq!(factors, [None, Some(3), Some(2), Some(2), Some(1), Some(1)]);
        assert!(levels.is_sorted());
    }
}
