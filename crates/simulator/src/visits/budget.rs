//! How soon after an event the next may come.

/// What keeps events apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Budget {
    /// 12 hours from one to the next.
    EveryTwelveHours,
    /// Two tokens at most, one more every 12 hours, and four hours from one event to the next.
    Tokens,
}

/// Minutes in which a token grows, and between events without tokens.
const HALF_DAY: i64 = 720;
/// What two tokens are worth.
const MOST: i64 = 2 * HALF_DAY;
/// Minutes between events, whatever tokens are left.
const GAP: i64 = 240;

/// The budget of one registration. All in minutes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purse {
    budget: Budget,
    registered: i64,
    last_fire: Option<i64>,
    /// Minutes saved up when the last event had been paid.
    saved: i64,
}

impl Purse {
    pub(super) const fn new(budget: Budget, registered: i64) -> Self {
        Self { budget, registered, last_fire: None, saved: 0 }
    }

    pub(super) const fn last_fire(&self) -> Option<i64> {
        self.last_fire
    }

    /// The first moment of the next event.
    pub(super) fn earliest(&self) -> i64 {
        let Some(last) = self.last_fire else { return self.registered + HALF_DAY };
        match self.budget {
            Budget::EveryTwelveHours => last + HALF_DAY,
            Budget::Tokens => last + GAP.max(HALF_DAY - self.saved),
        }
    }

    /// An event has run.
    pub(super) fn pay(&mut self, at: i64) {
        // The first event leaves one token.
        self.saved = self.last_fire.map_or(HALF_DAY, |last| (self.saved + at - last).min(MOST) - HALF_DAY);
        self.last_fire = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_hours_are_twelve_hours() {
        let mut purse = Purse::new(Budget::EveryTwelveHours, 100);
        assert_eq!(purse.earliest(), 820);
        purse.pay(900);
        assert_eq!((purse.earliest(), purse.last_fire()), (1_620, Some(900)));
    }

    #[test]
    fn two_events_may_be_four_hours_apart_but_not_three() {
        let mut purse = Purse::new(Budget::Tokens, 0);
        let mut next = || {
            let at = purse.earliest();
            purse.pay(at);
            at
        };
        assert_eq!([next(), next(), next(), next()], [720, 960, 1_440, 2_160], "then the tokens are spent");
    }
}
