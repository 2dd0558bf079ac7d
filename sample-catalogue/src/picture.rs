//! A product's picture: a wall and a backdrop in its category's tints, and the thing itself in front.

use super::brush::{Brush, Hints, Seed};
use super::colour::{Colour, Palette};
use super::motifs::{self, Pose};
use anyhow::{Context, Result};

pub(super) struct Subject<'data> {
    pub(super) sku: &'data str,
    pub(super) name: &'data str,
    pub(super) motif: &'data str,
    pub(super) hints: Hints<'data>,
}

/// The whole SVG document. Fails where the data name a motif, colour or pattern which nobody has drawn.
pub(super) fn draw(subject: &Subject<'_>, palette: &Palette) -> Result<String> {
    let motif = motifs::find(subject.motif).with_context(|| format!("no motif is named {:?}", subject.motif))?;
    let seed = Seed::of(subject.sku);
    let brush = Brush::new(seed, subject.hints, palette)?;
    let thing = (motif.draw)(&brush);
    let title = escaped(subject.name);
    let Brush { wall, definition, .. } = &brush;
    let behind = backdrop(motif.pose, seed, *wall);
    let placed = place(motif.pose, seed, &thing);
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img"><title>{title}</title>{definition}
<rect width="400" height="400" fill="{wall}"/>{behind}{placed}</svg>
"#
    ))
}

fn backdrop(pose: Pose, seed: Seed, wall: Colour) -> String {
    let pale = wall.lighter(45);
    let soft = wall.darker(9);
    let sun = wall.lighter(24);
    let shape = seed.between(1, 0, 3);
    match (pose, shape) {
        (Pose::Standing { .. }, 0) => format!(
            r#"<circle cx="200" cy="186" r="150" fill="{pale}"/><rect y="300" width="400" height="100" fill="{soft}"/>"#
        ),
        (Pose::Standing { .. }, 1) => format!(
            r#"<path d="M70 300V176a130 130 0 0 1 260 0V300Z" fill="{pale}"/>
<rect y="300" width="400" height="100" fill="{soft}"/>"#
        ),
        (Pose::Standing { .. }, 2) => format!(
            r#"<path d="M0 150Q110 80 220 126T400 96V400H0Z" fill="{pale}"/>
<rect y="296" width="400" height="104" fill="{soft}"/>"#
        ),
        (_, 0) => format!(r#"<circle cx="200" cy="200" r="166" fill="{pale}"/>"#),
        (_, 1) => format!(r#"<rect x="34" y="34" width="332" height="332" rx="60" fill="{pale}"/>"#),
        (_, 2) => {
            format!(r#"<path d="M64 112Q130 20 236 44T372 190Q376 300 280 346T96 322Q-4 226 64 112Z" fill="{pale}"/>"#)
        }
        _ => format!(
            r#"<path d="M0 400V250L400 110V400Z" fill="{pale}"/>
<circle cx="322" cy="84" r="38" fill="{sun}"/>"#
        ),
    }
}

fn place(pose: Pose, seed: Seed, thing: &str) -> String {
    let size = decimal(seed.between(2, 94, 104));
    match pose {
        Pose::Standing { shadow } => {
            let mirror = if seed.between(3, 0, 1) == 0 { "-" } else { "" };
            format!(
                r#"<ellipse cx="200" cy="313" rx="{shadow}" ry="11" fill="{SHADOW}" opacity=".16"/>
<g transform="translate(200 312) scale({mirror}{size} {size}) translate(-200 -312)">{thing}</g>"#,
                SHADOW = motifs::INK,
            )
        }
        Pose::Lying { turn } => {
            let angle = turn + seed.between(4, -9, 9);
            let id = format!("shadow-{}", seed.tag());
            // The filter sits outside the turned group, so that every shadow falls the same way.
            format!(
                r#"<filter id="{id}"><feDropShadow dx="5" dy="9" stdDeviation="2" flood-opacity=".16"/></filter>
<g filter="url(#{id})">
<g transform="translate(200 200) rotate({angle}) scale({size}) translate(-200 -200)">{thing}</g></g>"#
            )
        }
        Pose::Hanging => format!(r#"<g transform="translate(200 0) scale({size}) translate(-200 0)">{thing}</g>"#),
    }
}

/// Hundredths as SVG wants them, without going through floating point.
fn decimal(hundredths: i32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{decimal, escaped};

    #[test]
    fn a_title_cannot_open_an_element() {
        assert_eq!(escaped(r#"Nuts & "bolts" <b>"#), "Nuts &amp; &quot;bolts&quot; &lt;b&gt;");
    }

    #[test]
    fn hundredths_keep_their_leading_zero() {
        assert_eq!(decimal(104), "1.04");
        assert_eq!(decimal(95), "0.95");
    }
}
