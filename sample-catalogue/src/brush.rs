//! What a motif draws with: the colours of one product, its pattern, and small seeded differences.

use super::colour::{Colour, Palette};
use anyhow::{Context, Result};

/// Below this distance a thing would fade into what is behind or beside it.
const TELLING_APART: u16 = 130;

/// A source of variation fixed by the SKU: the same product is drawn alike on every start.
#[derive(Clone, Copy)]
pub(super) struct Seed(u64);

impl Seed {
    /// FNV-1a. The standard library's hasher may change between compilers, and the pictures with it.
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }

    /// A number from `low` to `high` inclusive; each slot varies independently of the others.
    pub(super) fn between(self, slot: u64, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        low + i32::try_from(self.draw(slot) % span).unwrap_or(0)
    }

    pub(super) fn choose<T: Copy, const N: usize>(self, slot: u64, choices: [T; N]) -> T {
        let index = usize::try_from(self.draw(slot) % (N as u64)).unwrap_or(0);
        choices[index]
    }

    /// Distinguishes the element ids of two pictures which a page embeds side by side.
    pub(super) fn tag(self) -> String {
        format!("{:x}", self.0 >> 24)
    }

    fn draw(self, slot: u64) -> u64 {
        let mut mixed = self.0.wrapping_add(slot.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What the data say of a product's looks.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints<'data> {
    pub(super) colour: Option<&'data str>,
    pub(super) accent: Option<&'data str>,
    pub(super) pattern: Option<&'data str>,
}

pub(super) struct Brush {
    pub(super) light: Colour,
    pub(super) main: Colour,
    pub(super) dark: Colour,
    pub(super) deep: Colour,
    pub(super) accent: Colour,
    pub(super) accent_light: Colour,
    pub(super) accent_dark: Colour,
    pub(super) wall: Colour,
    /// A fill to lay over the main colour: a reference to the pattern, or `none`.
    pub(super) pattern: String,
    /// The pattern's definition, empty for a plain thing.
    pub(super) definition: String,
    seed: Seed,
}

impl Brush {
    pub(super) fn new(seed: Seed, hints: Hints<'_>, palette: &Palette) -> Result<Self> {
        let main = hinted(hints.colour)?.unwrap_or_else(|| Colour::hex(seed.choose(100, palette.objects)));
        let accent = hinted(hints.accent)?.unwrap_or_else(|| accent_beside(main, seed, palette));
        let wall = wall_behind(main, seed, palette);
        let (pattern, definition) = match hints.pattern {
            None => ("none".to_owned(), String::new()),
            Some(name) => {
                let id = format!("pattern-{}", seed.tag());
                (format!("url(#{id})"), definition(name, &id, accent)?)
            }
        };
        Ok(Self {
            light: main.lighter(35),
            main,
            dark: main.darker(22),
            deep: main.darker(48),
            accent,
            accent_light: accent.lighter(40),
            accent_dark: accent.darker(28),
            wall,
            pattern,
            definition,
            seed,
        })
    }

    pub(super) fn vary(&self, slot: u64, low: i32, high: i32) -> i32 {
        self.seed.between(slot, low, high)
    }
}

fn hinted(name: Option<&str>) -> Result<Option<Colour>> {
    name.map(|name| Colour::named(name).with_context(|| format!("no colour is named {name:?}"))).transpose()
}

fn accent_beside(main: Colour, seed: Seed, palette: &Palette) -> Colour {
    let first = Colour::hex(seed.choose(101, palette.accents));
    if first.distance(main) >= TELLING_APART {
        return first;
    }
    palette.accents.iter().map(|value| Colour::hex(*value)).max_by_key(|colour| colour.distance(main)).unwrap_or(first)
}

fn wall_behind(main: Colour, seed: Seed, palette: &Palette) -> Colour {
    let wall = Colour::hex(seed.choose(102, palette.walls));
    if wall.distance(main) >= TELLING_APART {
        return wall;
    }
    let others = palette.walls.iter().chain([&palette.contrast]).map(|value| Colour::hex(*value));
    others.max_by_key(|colour| colour.distance(main)).unwrap_or(wall)
}

fn definition(name: &str, id: &str, accent: Colour) -> Result<String> {
    let (size, tile) = match name {
        "stripes" => (28, format!(r#"<rect width="11" height="28" fill="{accent}"/>"#)),
        "bands" => (34, format!(r#"<rect width="34" height="12" fill="{accent}"/>"#)),
        "dots" => {
            (26, format!(r#"<g fill="{accent}"><circle cx="7" cy="7" r="5"/><circle cx="20" cy="20" r="5"/></g>"#))
        }
        "speckles" => (38, speckles(accent)),
        "checks" => (36, format!(r#"<path d="M0 0H18V36H0ZM0 0H36V18H0Z" fill="{accent}" fill-opacity=".5"/>"#)),
        "squares" => (48, format!(r#"<path d="M0 0H24V24H0ZM24 24H48V48H24Z" fill="{accent}"/>"#)),
        "waves" => (32, waves(accent)),
        "diamonds" => (36, format!(r#"<path d="M18 4L30 18 18 32 6 18Z" fill="{accent}"/>"#)),
        "leaves" => (44, leaves(accent)),
        unknown => anyhow::bail!("no pattern is named {unknown:?}"),
    };
    Ok(format!(
        r#"<defs><pattern id="{id}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">{tile}</pattern></defs>"#
    ))
}

fn speckles(accent: Colour) -> String {
    format!(
        r#"<g fill="{accent}"><circle cx="6" cy="9" r="2.5"/><circle cx="22" cy="4" r="1.5"/><circle cx="30" cy="18" r="2"/>
<circle cx="14" cy="24" r="1.5"/><circle cx="27" cy="33" r="2.5"/><circle cx="4" cy="33" r="1.5"/></g>"#
    )
}

fn waves(accent: Colour) -> String {
    format!(r#"<path d="M0 10q8-9 16 0t16 0M0 26q8-9 16 0t16 0" fill="none" stroke="{accent}" stroke-width="4"/>"#)
}

fn leaves(accent: Colour) -> String {
    format!(
        r#"<path d="M6 18Q6 6 18 4Q18 18 6 18ZM28 40Q26 28 36 24Q40 36 28 40Z" fill="{accent}"/>
<path d="M4 22L10 12M26 43L32 32" stroke="{accent}" stroke-width="2"/>"#
    )
}
