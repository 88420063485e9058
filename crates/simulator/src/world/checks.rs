//! What is looked at between inputs.

use super::{Trouble, World};

impl World {
    /// Compares what inspectors are shown with what is known, at a moment at which everything due has happened.
    ///
    /// # Errors
    /// What is shown that is not so.
    pub fn check_views(&mut self) -> Result<(), Trouble> {
        match self.process.machine() {
            Some(machine) if self.is_awake() => {
                // Machine and oracle change with an input and not without one, and so does what they say.
                if !self.views_compared || cfg!(debug_assertions) {
                    self.oracle.compare(machine)?;
                    self.views_compared = true;
                }
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks what must hold whenever nothing is on its way: every request has its reply, and after a
    /// shutdown every event its end.
    ///
    /// # Errors
    /// What has not.
    pub fn check_end(&self) -> Result<(), Trouble> {
        match self.process.machine() {
            Some(machine) if self.is_awake() && self.store.held().is_none() => {
                self.oracle.check_end(machine).map_err(Trouble::from)
            }
            Some(_) | None => Ok(()),
        }
    }
}
