//! A study as a picture: an SVG document, the same for the same study.

use std::fmt::Write as _;

use super::labels::Labels;
use super::people::Kind;
use super::policies::PolicyName;
use super::study::Study;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 130.0;
const RIGHT: f64 = WIDTH - 30.0;
/// Height of the first panel's axes, and of a kind in the second.
const SCATTER: f64 = 260.0;
const ROW: f64 = 22.0;
/// Room for a title with its axis.
const TITLE: f64 = 62.0;
/// Room for the longest label.
const LABEL_WIDTH: f64 = 130.0;

/// Policies that the second panel compares, with their colours.
const COMPARED: [(PolicyName, &str); 5] = [
    (PolicyName::Clock12, "#767676"),
    (PolicyName::LastWeekLoose, "#d55e00"),
    (PolicyName::Quantile5Split, "#009e73"),
    (PolicyName::Insider, "#000000"),
    (PolicyName::Ours, "#0072b2"),
];
/// The colour of every other.
const OTHER: &str = "#767676";

impl Study {
    /// The picture: wake-ups against ages on average, and ages by kind of people. A panel that the plan has nothing for
    /// is left out.
    #[must_use]
    pub fn chart(&self) -> String {
        let mut panels = String::new();
        let mut height = 0.0;
        height += scatter(self, height, &mut panels);
        height += by_kind(self, height, &mut panels);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n{panels}</svg>\n"
        )
    }
}

/// A line of numbers from 0 on.
struct Axis {
    from: f64,
    to: f64,
    most: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * value / self.most
    }

    /// Up to at least `most`, with marks at every `step`.
    fn new(from: f64, to: f64, most: f64, step: f64) -> Self {
        Self { from, to, most: (most / step).ceil().max(1.0) * step }
    }

    fn marks(&self, step: f64) -> impl Iterator<Item = f64> {
        (0..=(self.most / step).round() as u32).map(move |mark| f64::from(mark) * step)
    }
}

fn colour(policy: PolicyName) -> &'static str {
    COMPARED.iter().find(|(compared, _)| *compared == policy).map_or(OTHER, |(_, colour)| colour)
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    // Writing to a string does not fail, here and below.
    writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>").ok();
}

fn title(out: &mut String, y: f64, words: &str) {
    writeln!(out, "<text x=\"20\" y=\"{y:.1}\" font-size=\"14\" font-weight=\"bold\">{words}</text>").ok();
}

fn line(out: &mut String, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
    writeln!(out, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#d9d9d9\"/>").ok();
}

fn dot(out: &mut String, [x, y]: [f64; 2], radius: f64, colour: &str) {
    writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>").ok();
}

/// Vertical lines at the marks of an axis, with numbers below.
fn grid(out: &mut String, axis: &Axis, step: f64, decimals: usize, [top, bottom]: [f64; 2]) {
    for mark in axis.marks(step) {
        let x = axis.at(mark);
        line(out, [x, top], [x, bottom]);
        text(out, x, bottom + 15.0, "middle", &format!("{mark:.decimals$}"));
    }
}

/// Events a day against the median age, averages of the regular kinds. Returns the panel's height.
fn scatter(study: &Study, top: f64, out: &mut String) -> f64 {
    let average = |policy: PolicyName| {
        let average = study.average(&Kind::REGULAR, policy)?;
        Some((policy, average.fires_per_day?, average.median?))
    };
    let mut points: Vec<_> = study.policies().into_iter().filter_map(average).collect();
    if points.is_empty() {
        return 0.0;
    }
    points.sort_by(|a, b| a.2.total_cmp(&b.2));
    title(out, top + 24.0, "Wake-ups and freshness: commuter, weekend and shift worker on average");
    let [above, below] = [top + 40.0, top + 40.0 + SCATTER];
    let most = |figure: fn(&(PolicyName, f64, f64)) -> f64| points.iter().map(figure).fold(0.0, f64::max);
    let fires = Axis::new(LEFT, RIGHT - LABEL_WIDTH, most(|point| point.1), 0.5);
    let ages = Axis::new(below, above, most(|point| point.2), 200.0);
    grid(out, &fires, 0.5, 1, [above, below]);
    text(out, (LEFT + RIGHT - LABEL_WIDTH) / 2.0, below + 32.0, "middle", "events a day");
    for mark in ages.marks(200.0) {
        line(out, [LEFT, ages.at(mark)], [RIGHT - LABEL_WIDTH, ages.at(mark)]);
        text(out, LEFT - 8.0, ages.at(mark) + 4.0, "end", &format!("{mark}"));
    }
    text(out, LEFT + 6.0, above + 14.0, "start", "median age, min");
    let places: Vec<_> = points.iter().map(|(_, x, y)| [fires.at(*x), ages.at(*y)]).collect();
    let mut labels = Labels::around(&places);
    for ((policy, ..), place) in points.iter().zip(&places) {
        let is_ours = matches!(policy, PolicyName::Ours | PolicyName::OursTwoSlots);
        let shade = if is_ours { colour(PolicyName::Ours) } else { colour(*policy) };
        dot(out, *place, if is_ours { 6.0 } else { 4.0 }, shade);
        let [x, y] = labels.place(*place, policy.name());
        text(out, x, y, "start", policy.name());
    }
    below - top + TITLE
}

/// The mean age of each kind under the policies that are compared. Returns the panel's height.
fn by_kind(study: &Study, top: f64, out: &mut String) -> f64 {
    let kinds = study.kinds();
    let mean = |kind, policy| study.row(kind, policy).and_then(|row| row.mean);
    let means = COMPARED.iter().flat_map(|(policy, _)| kinds.iter().filter_map(|kind| mean(*kind, *policy)));
    let ages = Axis::new(LEFT, RIGHT, means.fold(0.0, f64::max), 120.0);
    title(out, top + 24.0, "Mean age at the first use of a day, min; no age counts for more than a day");
    let present = study.policies();
    let shown = COMPARED.iter().filter(|(policy, _)| present.contains(policy));
    for (index, (policy, colour)) in shown.enumerate() {
        let x = LEFT + index as f64 * 120.0;
        dot(out, [x, top + 42.0], 4.0, colour);
        text(out, x + 9.0, top + 46.0, "start", policy.name());
    }
    let first = top + TITLE;
    let bottom = first + kinds.len() as f64 * ROW;
    grid(out, &ages, 120.0, 0, [first, bottom]);
    for (index, kind) in kinds.iter().enumerate() {
        let y = first + (index as f64 + 0.5) * ROW;
        text(out, LEFT - 10.0, y + 4.0, "end", kind.name());
        line(out, [LEFT, y], [RIGHT, y]);
        for (policy, colour) in &COMPARED {
            let radius = if *policy == PolicyName::Ours { 6.0 } else { 4.0 };
            if let Some(age) = mean(*kind, *policy) {
                dot(out, [ages.at(age), y], radius, colour);
            }
        }
    }
    bottom - top + 30.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visits::Plan;

    #[test]
    fn a_panel_has_a_dot_for_each_figure_and_is_left_out_without() {
        let kinds = [Kind::Commuter, Kind::Erratic];
        let study = Plan::new().with_kinds(&kinds).with_policies(&[PolicyName::Ours]).with_seeds(1..=2).run(|_| {});
        let chart = study.chart();
        assert_eq!(chart.matches("<circle").count(), 2 + 2 * 2, "a legend of two, and two of each kind");
        assert!(!chart.contains("Wake-ups"), "there is no average without the regular kinds");
        let study = Plan::new().with_kinds(&Kind::REGULAR).with_policies(&[]).with_seeds(1..=2).run(|_| {});
        assert!(study.chart().contains("Wake-ups"));
    }
}
