//! Two pictures beside a result: what an order costs by process, and how long it takes. Plain SVG, readable as text, drawn
//! for light and dark pages alike.

use crate::result::{Outcome, Turn};
use anyhow::Context;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 110.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 22.0;
const STEP: f64 = 34.0;
/// One for each process, told apart also without colours by their order in the legend.
const COLOURS: &[&str] = &["#d1495b", "#00798c", "#edae49", "#66a182", "#2e4057", "#8d6a9f", "#b07d62", "#5f7fbf"];

/// A bar: its name, its parts, and what stands at its end.
struct Bar {
    name: String,
    parts: Vec<f64>,
    end: String,
}

/// `x.json` gets `x.cost.svg` and `x.latency.svg`.
///
/// # Errors
/// They cannot be written.
pub(crate) fn write(outcome: &Outcome, beside: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (kind, text) in [("cost", cost(outcome)?), ("latency", latency(outcome)?)] {
        let path = beside.with_extension(format!("{kind}.svg"));
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn turns(outcome: &Outcome) -> impl Iterator<Item = &Turn> {
    outcome.closed.iter().chain(&outcome.open)
}

fn cost(outcome: &Outcome) -> Result<String, std::fmt::Error> {
    let names: Vec<&str> =
        turns(outcome).next().map_or_else(Vec::new, |turn| turn.cost.parts.keys().map(String::as_str).collect());
    let bar = |turn: &Turn| Bar {
        name: turn.name(),
        parts: names.iter().map(|name| turn.cost.parts.get(*name).copied().unwrap_or_default().ms).collect(),
        end: format!("{:.2} ms", turn.cost.everything),
    };
    stacked("Processor time of a settled order, by process", &names, &turns(outcome).map(bar).collect::<Vec<_>>())
}

/// From one percentile to the next.
fn latency(outcome: &Outcome) -> Result<String, std::fmt::Error> {
    let bar = |turn: &Turn| {
        let found = &turn.checkout;
        let steps = [found.p50, found.p90, found.p99, found.p99_9];
        let parts = steps.iter().scan(0.0, |before, step| {
            let part = step - *before;
            *before = *step;
            Some(part.max(0.0))
        });
        Bar { name: turn.name(), parts: parts.collect(), end: format!("{:.1} ms", found.p99_9) }
    };
    let names = ["half within", "90 %", "99 %", "99.9 %"];
    stacked("How long a checkout takes until it is answered", &names, &turns(outcome).map(bar).collect::<Vec<_>>())
}

fn stacked(title: &str, names: &[&str], bars: &[Bar]) -> Result<String, std::fmt::Error> {
    let most = bars.iter().map(|bar| bar.parts.iter().sum::<f64>()).fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / most;
    let rows = f64::from(u32::try_from(bars.len()).unwrap_or(u32::MAX));
    let height = 70.0 + rows * STEP;
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\" aria-label=\"{title}\">\n\
         <style>text {{ fill: #333 }} @media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} }}</style>\n\
         <text x=\"10\" y=\"20\" font-size=\"15\">{title}</text>"
    )?;
    let mut x = 10.0;
    for (name, colour) in names.iter().zip(COLOURS.iter().cycle()) {
        writeln!(
            svg,
            "<rect x=\"{x:.0}\" y=\"34\" width=\"11\" height=\"11\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"44\">{name}</text>",
            x + 15.0
        )?;
        x += 30.0 + 7.6 * f64::from(u32::try_from(name.len()).unwrap_or(u32::MAX));
    }
    let mut y = 60.0;
    for bar in bars {
        writeln!(svg, "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, y + 16.0, bar.name)?;
        let mut x = LEFT;
        for ((part, name), colour) in bar.parts.iter().zip(names).zip(COLOURS.iter().cycle()) {
            let width = part * scale;
            writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{colour}\">\
                 <title>{name}: {part:.2} ms</title></rect>"
            )?;
            x += width;
        }
        writeln!(svg, "<text x=\"{:.1}\" y=\"{:.0}\">{}</text>", x + 6.0, y + 16.0, bar.end)?;
        y += STEP;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::cost;
    use crate::result::tests::outcome;

    #[test]
    fn a_bar_is_as_long_as_its_parts() {
        let mut drawn = outcome(20.0, 50.0);
        drawn.closed.extend(outcome(10.0, 50.0).closed);
        let text = cost(&drawn).unwrap();
        // 560 pixels are 20 ms.
        assert!(text.contains("width=\"420.0\"") && text.contains("width=\"140.0\""), "{text}");
        assert!(text.contains("width=\"210.0\"") && text.contains("width=\"70.0\""), "{text}");
        assert!(text.contains(">20.00 ms</text>") && text.ends_with("</svg>\n"), "{text}");
    }
}
