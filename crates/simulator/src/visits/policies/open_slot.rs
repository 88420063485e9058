//! A slot of a day, for policies that have one.

use crate::visits::minutes::at_minute_of;

use super::Question;

/// Minutes for which a slot stays open when the event can't run at once.
const STAYS_OPEN: i64 = 180;
/// A visit so soon after a slot was the one it was meant for.
const MEANT_FOR: i64 = 720;

/// When the event of a day's slot is due. None when it is too late for that day's, or its visit is over.
pub(super) fn due(day: i64, minute: i64, last_visit: Option<i64>, question: &Question) -> Option<i64> {
    let slot = at_minute_of(day, minute, question.offset);
    let visited = last_visit.is_some_and(|visit| (slot..slot + MEANT_FOR).contains(&visit));
    (slot + STAYS_OPEN >= question.earliest && !visited).then(|| slot.max(question.earliest))
}
