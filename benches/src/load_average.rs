use std::fmt;

/// How busy the machine was in the last 1, 5 and 15 minutes: figures of a busy machine say less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadAverage(Option<String>);

impl LoadAverage {
    /// The one of this moment, where the system tells.
    #[must_use]
    pub fn now() -> Self {
        let text = std::fs::read_to_string("/proc/loadavg").ok();
        Self(text.map(|text| text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")))
    }
}

impl fmt::Display for LoadAverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.as_deref().unwrap_or("unknown");
        write!(f, "load average {known}")
    }
}
