use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{StoreFailure, TxnId};

/// Where a store's word about a commit goes that may come before the call has returned: then it is no message, and what
/// waits for it does not wait for another turn.
#[derive(Clone, Debug, Default)]
pub(super) struct SaidAtOnce(Arc<Mutex<Word>>);

/// What the store said of which commit.
pub(super) type Said = (TxnId, Result<(), StoreFailure>);

#[derive(Debug, Default)]
enum Word {
    /// The store is being called.
    #[default]
    Awaited,
    Given(Said),
    /// The call has returned; whatever is said later is a message.
    Late,
}

impl SaidAtOnce {
    /// Takes the word, or gives it back when the call has returned.
    pub(super) fn say(&self, said: Said) -> Option<Said> {
        let mut word = self.word();
        match *word {
            Word::Awaited => {
                *word = Word::Given(said);
                None
            }
            // A store has one word for a commit: the completion is used up.
            Word::Given(_) | Word::Late => Some(said),
        }
    }

    /// The call has returned. What was said meanwhile?
    pub(super) fn heard(&self) -> Option<Said> {
        match std::mem::replace(&mut *self.word(), Word::Late) {
            Word::Given(said) => Some(said),
            Word::Awaited | Word::Late => None,
        }
    }

    /// Nothing panics while it holds the lock.
    fn word(&self) -> MutexGuard<'_, Word> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_heard_once_and_a_late_one_is_given_back() {
        let (early, late) = (SaidAtOnce::default(), SaidAtOnce::default());
        assert_eq!(early.say((TxnId(1), Ok(()))), None);
        assert_eq!((early.heard(), early.heard()), (Some((TxnId(1), Ok(()))), None));
        assert_eq!(late.heard(), None);
        assert_eq!(late.say((TxnId(2), Ok(()))), Some((TxnId(2), Ok(()))));
    }
}
