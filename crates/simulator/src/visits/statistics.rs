//! Means and quantiles. What has no value says so.

/// None of nothing.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.into_iter().fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

/// Half are smaller, with the mean of the middle two of an even number.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        even if even % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

/// The share that is so.
pub(super) fn share(values: impl IntoIterator<Item = bool>) -> Option<f64> {
    mean(values.into_iter().map(|value| if value { 1.0 } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_medians_and_shares() {
        assert_eq!(mean([1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(median([6.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([6.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(share([true, false, true, true]), Some(0.75));
    }

    #[test]
    fn nothing_has_none() {
        assert_eq!([mean([]), median([]), share([])], [None; 3]);
    }
}
