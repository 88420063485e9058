//! Checks that an engine hosts background sync as it has to.
#![forbid(unsafe_code)]

mod broken;
mod oracle;
mod site;

pub use broken::Broken;
pub use oracle::Oracle;
pub use site::Site;
