use serde::{Deserialize, Serialize};

/// What a user agent may choose about the visit model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VisitParameters {
    /// How exactly the time of a visit is remembered.
    pub bin_width: BinWidth,
    /// Whether an origin that is visited several times a day gets a second slot. Only of use where the budget lets two
    /// events be less than 12 h apart.
    pub second_slot: bool,
}

impl VisitParameters {
    /// Quarters of an hour, one slot a day.
    #[must_use]
    pub const fn recommended() -> Self {
        Self { bin_width: BinWidth::QuarterHour, second_slot: false }
    }

    /// Half hours: what is remembered says less about the user, and events fall some 11 minutes earlier.
    #[must_use]
    pub const fn private() -> Self {
        Self { bin_width: BinWidth::HalfHour, second_slot: false }
    }

    /// These parameters with a second slot a day, or without.
    #[must_use]
    pub const fn with_second_slot(mut self, second_slot: bool) -> Self {
        self.second_slot = second_slot;
        self
    }
}

/// How exactly the time of a visit is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinWidth {
    /// To 15 minutes.
    #[default]
    QuarterHour,
    /// To 30 minutes.
    HalfHour,
}

impl BinWidth {
    /// Minutes of a bin.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        match self {
            Self::QuarterHour => 15,
            Self::HalfHour => 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_as_recommended() {
        assert_eq!(serde_json::from_str::<VisitParameters>("{}").unwrap(), VisitParameters::recommended());
        let given = serde_json::from_str::<VisitParameters>(r#"{ "bin_width": "half_hour" }"#).unwrap();
        assert_eq!(given, VisitParameters::private());
        assert!(serde_json::from_str::<VisitParameters>(r#"{ "bin_with": "half_hour" }"#).is_err());
    }
}
