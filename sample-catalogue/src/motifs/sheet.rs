//! What every motif is drawn with: its pose on the sheet, the inks and stuffs, light and shade.

use crate::brush::Brush;

pub(crate) const INK: &str = "#35313b";
pub(crate) const PAPER: &str = "#fcf8f0";
pub(crate) const STEEL: &str = "#b9c2c9";
pub(crate) const STEEL_DARK: &str = "#8b969f";
pub(crate) const STEEL_LIGHT: &str = "#e1e7ea";
pub(crate) const WOOD: &str = "#c99560";
pub(crate) const WOOD_DARK: &str = "#a37143";
pub(crate) const WOOD_LIGHT: &str = "#e5c092";
pub(crate) const LEAF: &str = "#63a05a";
pub(crate) const LEAF_DARK: &str = "#437a42";
pub(crate) const GLASS: &str = "#d3e6ea";
pub(crate) const COFFEE: &str = "#5a3a28";
pub(crate) const FLAME: &str = "#f7b63f";
pub(crate) const GLEAM: &str = "#fff1b8";
/// Attributes of the patches which give a flat shape its lit and its shaded side.
pub(crate) const LIT: &str = r##"fill="#fff" fill-opacity=".3""##;
pub(crate) const SHADED: &str = r##"fill="#221a2c" fill-opacity=".14""##;
/// Attributes of a drawn line.
pub(crate) const LINE: &str = r#"fill="none" stroke-linecap="round" stroke-linejoin="round""#;

/// How a thing is put before its backdrop.
#[derive(Clone, Copy)]
pub(crate) enum Pose {
    /// On a table or floor, with a shadow of the given half-width; may be mirrored.
    Standing { shadow: u16 },
    /// Seen from above, turned by about so many degrees.
    Lying { turn: i32 },
    /// From above the upper edge, or on a wall.
    Hanging,
}

pub(crate) struct Motif {
    pub(crate) name: &'static str,
    pub(crate) pose: Pose,
    pub(crate) draw: fn(&Brush) -> String,
}

pub(crate) const fn standing(name: &'static str, shadow: u16, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Standing { shadow }, draw }
}

pub(crate) const fn lying(name: &'static str, turn: i32, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Lying { turn }, draw }
}

pub(crate) const fn hanging(name: &'static str, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Hanging, draw }
}
