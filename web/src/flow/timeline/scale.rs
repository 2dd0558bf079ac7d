//! From time to places on the page, and back to the ticks of an axis.

use super::chapter::Part;
use crate::flow::words;

/// The picture's width, and where its time begins and ends.
pub(super) const WIDTH: f64 = 960.0;
const LEFT: f64 = 134.0;
const RIGHT: f64 = 944.0;
/// A letter of a label, about.
const LETTER: f64 = 6.5;
/// The shortest time that fills the picture.
const SHORTEST: i64 = 5_000;

#[derive(Clone, Copy)]
pub(super) struct Scale {
    start: i64,
    length: i64,
}

/// A line across the lanes with its time.
pub(crate) struct Tick {
    pub(crate) x: f64,
    pub(crate) text: String,
}

/// Where a text goes beside the thing it names.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) anchor: &'static str,
    /// It lies within the thing.
    pub(super) inside: bool,
    /// What thing and text take up together.
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Scale {
    pub(super) fn of(part: Part) -> Self {
        Self { start: part.start, length: (part.end - part.start).max(SHORTEST) }
    }

    pub(super) fn x(self, at: i64) -> f64 {
        LEFT + (at - self.start) as f64 / self.length as f64 * (RIGHT - LEFT)
    }

    /// At 1, 2 or 5 times a power of ten, eight at the most.
    pub(super) fn ticks(self) -> Vec<Tick> {
        let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i64.saturating_pow(power)));
        let mut steps = steps.skip_while(|step| self.length / step > 8);
        let step = steps.next().unwrap_or(self.length).max(1);
        let at = |index: i64| Tick { x: self.x(self.start + index * step), text: tick(index * step, step) };
        (0..=self.length / step).map(at).collect()
    }

    /// Inside if it fits, else behind, else before.
    pub(super) fn label(x: f64, width: f64, text: &str) -> Label {
        let length = text.chars().fold(0.0, |length, _| length + LETTER);
        let end = x + width;
        if length + 10.0 <= width {
            return Label { x: x + 5.0, anchor: "start", inside: true, from: x, to: end };
        }
        if end + 5.0 + length <= WIDTH {
            return Label { x: end + 5.0, anchor: "start", inside: false, from: x, to: end + 5.0 + length };
        }
        Label { x: x - 5.0, anchor: "end", inside: false, from: x - 5.0 - length, to: end }
    }
}

fn tick(micros: i64, step: i64) -> String {
    match (micros, step) {
        (0, _) => "0".to_owned(),
        (_, ..1_000) => format!("{:.1} ms", micros as f64 / 1e3),
        (..1_000_000, _) => format!("{} ms", micros / 1_000),
        (_, ..1_000_000) => format!("{:.1} s", micros as f64 / 1e6),
        _ => words::span(micros),
    }
}

/// Gives each its row, so that none touches another in it; also how many rows there are.
pub(super) fn rows(labels: &[Label]) -> (Vec<usize>, usize) {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut rows = Vec::new();
    for label in labels {
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(from, to)| label.from > to + 6.0 || label.to + 6.0 < *from);
        let row = taken.iter().position(free).unwrap_or(taken.len());
        if row == taken.len() {
            taken.push(Vec::new());
        }
        taken[row].push((label.from, label.to));
        rows.push(row);
    }
    (rows, taken.len())
}
