use super::Kind;
use super::draw::Draw;
use super::reading::Day;
use super::traits::Traits;

/// Stretches of a day, in local minutes, in which no event can run: the device is off, or has no network.
pub(super) fn unreachable(kind: Kind, traits: &Traits, day: &Day, draw: &mut Draw) -> Vec<(f64, f64)> {
    let mut stretches = Vec::new();
    if traits.off_at_night && draw.chance(0.3) {
        // A plain commuter's alarm rings at the same time for everybody, on the weekend too.
        let plain = matches!(kind, Kind::Commuter | Kind::CommuterUniform);
        let on_again = if plain { 390.0 } else { day.wake - 15.0 };
        stretches.push((on_again - 420.0, on_again));
    }
    if traits.wifi_only {
        stretches.extend(day.away);
    }
    if draw.chance(0.1) {
        stretches.push((draw.between(1020.0, 1260.0), 1380.0));
    }
    if draw.chance(0.3) {
        let from = draw.between(0.0, 1440.0);
        stretches.push((from, from + draw.between(10.0, 60.0)));
    }
    stretches
}

/// In the order of time, and none touches another.
pub(super) fn merged(mut stretches: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    stretches.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (from, until) in stretches.into_iter().filter(|(from, until)| from < until) {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            Some(_) | None => merged.push((from, until)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_is_one_stretch() {
        let merged = merged(vec![(50, 60), (0, 10), (5, 20), (20, 30), (70, 70), (52, 55)]);
        assert_eq!(merged, [(0, 30), (50, 60)]);
    }
}
