use background_sync_registration::Now;

use crate::{Input, Output};

type Sees = dyn FnMut(Now, &Input, &[Output]);

/// Whoever listens to what passes between a driver and its machine. Without a listener nothing is kept.
#[derive(Default)]
pub(crate) struct Tap {
    sees: Option<Box<Sees>>,
    /// What the machine is being told.
    told: Option<(Now, Input)>,
    wanted: Vec<Output>,
}

impl Tap {
    pub(crate) fn open(&mut self, sees: impl FnMut(Now, &Input, &[Output]) + 'static) {
        self.sees = Some(Box::new(sees));
    }

    pub(crate) fn told(&mut self, now: Now, input: &Input) {
        if self.sees.is_some() {
            self.told = Some((now, input.clone()));
        }
    }

    pub(crate) fn wanted(&mut self, output: &Output) {
        if self.sees.is_some() {
            self.wanted.push(output.clone());
        }
    }

    /// The machine wants nothing more for what it was told.
    pub(crate) fn hand_on(&mut self) {
        if let (Some(sees), Some((now, input))) = (&mut self.sees, self.told.take()) {
            sees(now, &input, &std::mem::take(&mut self.wanted));
        }
    }
}
