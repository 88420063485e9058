/// What this process has in memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Now.
    pub resident: u64,
    /// The most it ever had.
    pub peak: u64,
}

impl Footprint {
    /// This process's own. Zeros where the system does not say.
    #[must_use]
    pub fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kilobytes.unwrap_or(0) * 1_024
        };
        Self { resident: bytes("VmRSS"), peak: bytes("VmHWM") }
    }
}
