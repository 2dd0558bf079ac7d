//! The things our products look like. Each motif is drawn on a 400 by 400 sheet; what stands, stands on `y = 312`.

mod bicycles;
mod coffee_and_tea;
mod desk_and_office;
mod garden;
mod home_textiles;
mod kitchen;
mod lighting;
mod outdoors;
mod sheet;
mod tools;
mod toys_and_games;

pub(super) use sheet::{INK, Pose};

use sheet::Motif;
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
