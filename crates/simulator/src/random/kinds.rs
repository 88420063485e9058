use super::Op;

/// Which syncs there are in a random world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// One-shot ones only. Worlds of these seeds go as they always went.
    #[default]
    OneShot,
    /// Periodic ones too, with hours and days between what happens, visits, pauses, engagement, and civil time.
    Both,
}

impl Kinds {
    /// Those of a world of these operations.
    pub(super) fn of(ops: &[Op]) -> Self {
        if ops.iter().any(|op| matches!(op, Op::Periodic(_))) { Self::Both } else { Self::OneShot }
    }
}
