//! Where the labels of a scatter plot go, so that none covers another or a dot. All in pixels.

/// Height of a line of text, and the width of a letter, roughly.
const LINE: f64 = 12.0;
const LETTER: f64 = 6.2;
/// A label's distance from its dot, and the room that a dot takes.
const DISTANCE: f64 = 9.0;
const DOT: f64 = 6.0;
/// Labels go at most so many lines up or down.
const LINES: i32 = 20;

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

/// What is covered so far.
pub(super) struct Labels {
    covered: Vec<Area>,
}

impl Labels {
    /// With dots at these places.
    pub(super) fn around(dots: &[[f64; 2]]) -> Self {
        Self { covered: dots.iter().map(|[x, y]| [x - DOT, y - DOT, x + DOT, y + DOT]).collect() }
    }

    /// Where the text of a label for the dot at `x`, `y` begins: the free place nearest to its right, else to its left,
    /// each a little higher or lower if it must be.
    pub(super) fn place(&mut self, [x, y]: [f64; 2], text: &str) -> [f64; 2] {
        let width = text.len() as f64 * LETTER;
        let lines = (0..=2 * LINES).map(|step| if step % 2 == 0 { -(step / 2) } else { step / 2 + 1 });
        let places = lines.flat_map(|line| {
            let top = y - LINE / 2.0 + f64::from(line) * LINE / 2.0;
            [x + DISTANCE, x - DISTANCE - width].map(|left| [left, top, left + width, top + LINE])
        });
        let right_of = [x + DISTANCE, y - LINE / 2.0, x + DISTANCE + width, y + LINE / 2.0];
        let area = places.into_iter().find(|area| self.is_free(area)).unwrap_or(right_of);
        self.covered.push(area);
        [area[0], area[3] - 2.0]
    }

    fn is_free(&self, [left, top, right, bottom]: &Area) -> bool {
        self.covered.iter().all(|[l, t, r, b]| right <= l || r <= left || bottom <= t || b <= top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_beside_its_dot_where_there_is_room() {
        assert_eq!(Labels::around(&[[100.0, 50.0]]).place([100.0, 50.0], "ours"), [109.0, 54.0]);
    }

    #[test]
    fn labels_cover_neither_each_other_nor_dots() {
        let dots = [[100.0, 50.0], [101.0, 52.0], [112.0, 50.0], [100.0, 55.0]];
        let mut labels = Labels::around(&dots);
        let places = dots.map(|dot| labels.place(dot, "quantile-5"));
        assert_eq!(labels.covered.len(), 8);
        for (index, area) in labels.covered.iter().enumerate().skip(4) {
            let others = labels.covered.iter().enumerate().filter(|(other, _)| *other != index);
            let others = Labels { covered: others.map(|(_, area)| *area).collect() };
            assert!(others.is_free(area), "{places:?}");
        }
    }
}
