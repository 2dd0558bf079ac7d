//! The things our products look like. Each motif is drawn on a 400 by 400 sheet; what stands, stands on `y = 312`.

mod bicycles;
mod coffee_and_tea;
mod desk_and_office;
mod garden;
mod home_textiles;
mod kitchen;
mod lighting;
mod outdoors;
mod tools;
mod toys_and_games;

use super::brush::Brush;

pub(super) const INK: &str = "#35313b";
const PAPER: &str = "#fcf8f0";
const STEEL: &str = "#b9c2c9";
const STEEL_DARK: &str = "#8b969f";
const STEEL_LIGHT: &str = "#e1e7ea";
const WOOD: &str = "#c99560";
const WOOD_DARK: &str = "#a37143";
const WOOD_LIGHT: &str = "#e5c092";
const LEAF: &str = "#63a05a";
const LEAF_DARK: &str = "#437a42";
const GLASS: &str = "#d3e6ea";
const COFFEE: &str = "#5a3a28";
const FLAME: &str = "#f7b63f";
const GLEAM: &str = "#fff1b8";
/// Attributes of the patches which give a flat shape its lit and its shaded side.
const LIT: &str = r##"fill="#fff" fill-opacity=".3""##;
const SHADED: &str = r##"fill="#221a2c" fill-opacity=".14""##;
/// Attributes of a drawn line.
const LINE: &str = r#"fill="none" stroke-linecap="round" stroke-linejoin="round""#;

/// How a thing is put before its backdrop.
#[derive(Clone, Copy)]
pub(super) enum Pose {
    /// On a table or floor, with a shadow of the given half-width; may be mirrored.
    Standing { shadow: u16 },
    /// Seen from above, turned by about so many degrees.
    Lying { turn: i32 },
    /// From above the upper edge, or on a wall.
    Hanging,
}

pub(super) struct Motif {
    pub(super) name: &'static str,
    pub(super) pose: Pose,
    pub(super) draw: fn(&Brush) -> String,
}

const fn standing(name: &'static str, shadow: u16, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Standing { shadow }, draw }
}

const fn lying(name: &'static str, turn: i32, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Lying { turn }, draw }
}

const fn hanging(name: &'static str, draw: fn(&Brush) -> String) -> Motif {
    Motif { name, pose: Pose::Hanging, draw }
}

const SETS: &[&[Motif]] = &[
    kitchen::MOTIFS,
    coffee_and_tea::MOTIFS,
    home_textiles::MOTIFS,
    lighting::MOTIFS,
    desk_and_office::MOTIFS,
    outdoors::MOTIFS,
    bicycles::MOTIFS,
    garden::MOTIFS,
    tools::MOTIFS,
    toys_and_games::MOTIFS,
];

fn all() -> impl Iterator<Item = &'static Motif> {
    SETS.iter().flat_map(|set| set.iter())
}

pub(super) fn find(name: &str) -> Option<&'static Motif> {
    all().find(|motif| motif.name == name)
}

#[cfg(test)]
mod tests {
    use super::all;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_motifs_share_a_name() {
        let names: BTreeSet<_> = all().map(|motif| motif.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.len() >= 40);
    }
}
