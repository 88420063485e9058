use std::collections::BTreeMap;

use serde::Deserialize;

/// What Chromium's own tests check, by row. Read from `chromium-scenarios.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChromiumScenarios {
    /// Where the preset does not do as Chromium does, by name.
    pub difference: BTreeMap<String, Difference>,
    /// Fixtures that are named though they play with other parameters than the preset's, and why.
    pub other_preset: BTreeMap<String, String>,
    /// All rows, by id: a letter for the suite, and a number.
    pub row: BTreeMap<String, Scenario>,
}

/// Where the preset does not do as Chromium does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// How, and why.
    pub how: String,
    /// The fixtures that pin what is done here.
    pub fixtures: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Scenario {
    /// It goes as in Chromium.
    Same {
        /// What it is about.
        what: String,
        /// What shows it.
        fixtures: Vec<String>,
    },
    /// It goes otherwise, on purpose.
    Differs {
        /// What it is about.
        what: String,
        /// Names of the differences.
        differs: Vec<String>,
        /// What shows how it goes here.
        fixtures: Vec<String>,
    },
    /// It is about nothing that a component does.
    NotOurs {
        /// What it is about.
        what: String,
        /// Why it is nothing of ours.
        reason: String,
    },
}

impl Scenario {
    /// What it is about.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Same { what, .. } | Self::Differs { what, .. } | Self::NotOurs { what, .. } => what,
        }
    }

    /// The fixtures that it names.
    #[must_use]
    pub fn fixtures(&self) -> &[String] {
        match self {
            Self::Same { fixtures, .. } | Self::Differs { fixtures, .. } => fixtures,
            Self::NotOurs { .. } => &[],
        }
    }

    /// The differences that it names.
    #[must_use]
    pub fn differs(&self) -> &[String] {
        match self {
            Self::Differs { differs, .. } => differs,
            Self::Same { .. } | Self::NotOurs { .. } => &[],
        }
    }
}

impl ChromiumScenarios {
    /// How many rows each suite has.
    pub const SUITES: [(&str, usize); 12] = [
        ("M", 86),
        ("C", 14),
        ("H", 12),
        ("S", 7),
        ("B", 13),
        ("P", 10),
        ("K", 13),
        ("X", 10),
        ("D", 12),
        ("W", 14),
        ("A", 10),
        ("N", 20),
    ];

    /// Reads the list of this crate.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../chromium-scenarios.toml"))
    }
}
