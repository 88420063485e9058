use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// Why a browser differs. That ours is wrong is no reason: then it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The specification leaves it open, and we decided otherwise.
    Choice,
    /// We are stricter than the specification, on purpose.
    Stricter,
    /// The browser departs from the specification.
    Departs,
    /// It needs a parameter or a moment that a browser does not have.
    Parameter,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Choice => "choice",
            Self::Stricter => "stricter",
            Self::Departs => "departs",
            Self::Parameter => "parameter",
        })
    }
}

/// A difference that is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The fixture.
    pub fixture: String,
    /// Why.
    pub category: Category,
    /// What the browser does, in a sentence.
    pub observed: String,
}

/// All of them, by fixture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences(BTreeMap<String, Difference>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<Difference>,
}

impl Differences {
    /// Those of this crate.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn known() -> Result<Self, String> {
        Self::read(include_str!("../../chromium-differences.toml"))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("chromium-differences.toml: {error}"))?;
        let mut all = BTreeMap::new();
        for difference in file.difference {
            if difference.observed.trim().is_empty() {
                return Err(format!("chromium-differences.toml: {}: say what the browser does", difference.fixture));
            }
            let fixture = difference.fixture.clone();
            if all.insert(fixture.clone(), difference).is_some() {
                return Err(format!("chromium-differences.toml: {fixture} stands there twice"));
            }
        }
        Ok(Self(all))
    }

    /// That of a fixture.
    #[must_use]
    pub fn of(&self, fixture: &str) -> Option<&Difference> {
        self.0.get(fixture)
    }

    /// The fixtures they are of.
    pub fn fixtures(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_category_and_an_observation_and_stands_there_once() {
        let entry = |category: &str, observed: &str| {
            format!("[[difference]]\nfixture = \"a/b\"\ncategory = \"{category}\"\nobserved = \"{observed}\"\n")
        };
        let known = Differences::read(&entry("choice", "It waits.")).unwrap();
        assert_eq!(known.of("a/b").map(|difference| difference.category), Some(Category::Choice));
        assert!(known.of("a/c").is_none());
        assert!(Differences::read(&entry("ours_is_wrong", "It waits.")).unwrap_err().contains("ours_is_wrong"));
        assert!(Differences::read(&entry("choice", " ")).unwrap_err().contains("say what"));
        assert!(Differences::read(&entry("choice", "It waits.").repeat(2)).unwrap_err().contains("twice"));
    }
}
