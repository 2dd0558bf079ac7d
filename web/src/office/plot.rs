//! Bars over days, drawn here, with the same as a table beside it.

use askama::Template;

const WIDTH: usize = 600;
const HEIGHT: usize = 120;
/// Below the bars, for the first and the last day.
const FOOT: usize = 26;

/// One picture: of each day how much, oldest first.
#[derive(Template)]
#[template(path = "office/plot.html")]
pub(crate) struct Plot {
    /// Letters alone: ids begin with it.
    name: &'static str,
    title: String,
    days: Vec<Day>,
}

pub(crate) struct Day {
    /// As it is told: `2026-11-30`.
    pub(crate) day: String,
    pub(crate) value: i64,
    /// The value as it is told: with its unit.
    pub(crate) told: String,
}

struct Bar<'a> {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    day: &'a Day,
}

impl Plot {
    pub(crate) fn new(name: &'static str, title: impl Into<String>, days: Vec<Day>) -> Self {
        Self { name, title: title.into(), days }
    }

    fn bars(&self) -> Vec<Bar<'_>> {
        let most = self.days.iter().map(|day| day.value).max().unwrap_or_default().max(1);
        let pitch = WIDTH / self.days.len().max(1);
        let bar = |(at, day): (usize, _)| {
            let height = height_of(day, most);
            Bar { x: at * pitch, y: HEIGHT - height, width: pitch.saturating_sub(2).max(1), height, day }
        };
        self.days.iter().enumerate().map(bar).collect()
    }

    /// The day with the most, for whoever does not see the picture.
    fn summary(&self) -> String {
        match self.days.iter().max_by_key(|day| day.value) {
            Some(best) if best.value > 0 => format!("{} days; most on {}: {}", self.days.len(), best.day, best.told),
            _ => format!("{} days, nothing", self.days.len()),
        }
    }
}

/// Of the picture's height, as much as the day has of the most.
fn height_of(day: &Day, most: i64) -> usize {
    let share = i128::from(day.value.max(0)) * HEIGHT as i128 / i128::from(most);
    usize::try_from(share).unwrap_or(HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::{Day, Plot};
    use askama::Template;

    fn day(day: &str, value: i64) -> Day {
        Day { day: day.to_owned(), value, told: value.to_string() }
    }

    #[test]
    fn the_highest_bar_fills_the_picture_and_the_table_says_the_same() {
        let plot =
            Plot::new("orders", "Orders", vec![day("2026-11-28", 0), day("2026-11-29", 50), day("2026-11-30", 25)]);
        let heights: Vec<_> = plot.bars().iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 120, 60]);
        let drawn = plot.render().unwrap();
        assert!(drawn.contains("3 days; most on 2026-11-29: 50"), "{drawn}");
        assert!(drawn.contains("<td>2026-11-30</td><td>25</td>"), "{drawn}");
    }

    #[test]
    fn nothing_is_drawn_of_no_day_and_of_days_with_nothing() {
        assert!(Plot::new("orders", "Orders", Vec::new()).render().unwrap().contains("0 days, nothing"));
        let drawn = Plot::new("orders", "Orders", vec![day("2026-11-30", 0)]).render().unwrap();
        assert!(drawn.contains("1 days, nothing"), "{drawn}");
    }
}
