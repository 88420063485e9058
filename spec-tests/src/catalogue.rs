use std::collections::BTreeMap;

use serde::Deserialize;

/// What there is to cover: ids, and what each one means. Read from `steps.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The editions of the texts that the steps are those of.
    pub edition: Vec<Edition>,
    /// Normative steps: each has a fixture and is cited in the code.
    pub step: BTreeMap<String, String>,
    /// Steps whose letter is not followed, and the decision that stands in their place.
    pub replaced: BTreeMap<String, String>,
    /// Remarks: may be cited.
    pub informative: BTreeMap<String, String>,
    /// Invariants: each has a fixture.
    pub invariant: BTreeMap<String, String>,
    /// Decisions: each has a fixture.
    pub decision: BTreeMap<String, String>,
}

/// One edition of a specification.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// What it is called.
    pub name: String,
    /// Where its text is kept.
    pub source: String,
    /// The commit.
    pub revision: String,
    /// Of that commit.
    pub date: String,
}

impl Catalogue {
    /// Reads the list of this crate.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../steps.toml"))
    }

    /// Everything a fixture has to cover.
    pub fn to_cover(&self) -> impl Iterator<Item = &str> {
        [&self.step, &self.invariant, &self.decision].into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// What somebody may have meant who wrote an id that is none.
    #[must_use]
    pub fn help_with(&self, id: &str) -> String {
        let all = || self.to_cover().filter(|known| known.split('.').next() == id.split('.').next());
        let shared = |known: &str| known.chars().zip(id.chars()).take_while(|(a, b)| a == b).count();
        match all().max_by_key(|known| shared(known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "ids begin with sync, periodic, decision or I".to_owned(),
        }
    }

    /// Whether there is such an id.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        [&self.step, &self.informative, &self.invariant, &self.decision].iter().any(|part| part.contains_key(id))
    }
}
