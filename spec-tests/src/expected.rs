use std::collections::BTreeMap;

/// Fixtures that are known to fail, by subject, each with the reason. Read from `expected_failures.toml`.
#[derive(Clone, Debug, Default)]
pub struct ExpectedFailures(BTreeMap<String, BTreeMap<String, String>>);

impl ExpectedFailures {
    /// Reads the list of this crate.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read() -> Result<Self, toml::de::Error> {
        Self::parse(include_str!("../expected_failures.toml"))
    }

    /// Reads a list.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text).map(Self)
    }

    /// Why a fixture fails on a subject, if that is known.
    #[must_use]
    pub fn why(&self, subject: &str, fixture: &str) -> Option<&str> {
        self.0.get(subject)?.get(fixture).map(String::as_str)
    }

    /// Every fixture of the list, with its subject.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(subject, list)| list.keys().map(move |name| (subject.as_str(), name.as_str())))
    }

    /// Whether a fixture went as the list says; what to do about it if it did not.
    ///
    /// # Errors
    /// One that fails and is not listed, or is listed and passes.
    pub fn judge(&self, subject: &str, fixture: &str, outcome: &Result<(), String>) -> Result<(), String> {
        match (outcome, self.why(subject, fixture)) {
            (Ok(()), None) | (Err(_), Some(_)) => Ok(()),
            (Err(found), None) => Err(found.clone()),
            (Ok(()), Some(why)) => Err(format!(
                "{fixture} passes on {subject}, and the list of expected failures says that it fails ({why}); take it off the list"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_checked_both_ways() {
        let list = ExpectedFailures::parse("[engine]\n\"fire/late\" = \"its timers are coarse\"\n").unwrap();
        let failed = || Err("no such event".to_owned());
        assert_eq!(list.judge("engine", "fire/late", &failed()), Ok(()));
        assert_eq!(list.judge("engine", "fire/soon", &Ok(())), Ok(()));
        assert_eq!(list.judge("engine", "fire/soon", &failed()), failed());
        assert!(list.judge("engine", "fire/late", &Ok(())).unwrap_err().contains("take it off the list"));
        assert_eq!(list.judge("other", "fire/late", &failed()), failed());
    }
}
