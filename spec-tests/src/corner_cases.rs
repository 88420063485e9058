use serde::Deserialize;

/// Corner cases that the Web Platform Tests leave open, by number. Read from `corner-cases.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CornerCases {
    /// All of them.
    pub case: Vec<CornerCase>,
}

/// One corner case.
#[derive(Clone, Debug, Deserialize)]
pub struct CornerCase {
    /// Its number, from 1.
    pub number: u32,
    /// What it is about.
    pub what: String,
    /// What is there to show it.
    #[serde(flatten)]
    pub shown: Shown,
}

/// What is there to show a corner case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Fixtures, by their names.
    Fixtures(Vec<String>),
    /// No fixture can: why.
    NoFixture(String),
}

impl CornerCases {
    /// How many there are.
    pub const HOW_MANY: u32 = 77;

    /// Reads the list of this crate.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../corner-cases.toml"))
    }
}
