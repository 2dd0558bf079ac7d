//! What one crate has for `ECOM_FAULTS` to name.

/// What a crate has that can be switched off or crashed at. The macro `cures!` makes one of each crate.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The crate's name, which is its service's.
    pub of: &'static str,
    /// Each cure, and what happens without it.
    pub cures: &'static [(&'static str, &'static str)],
    /// The crash points, one a line. `cargo xtask prepare` writes them.
    pub points: &'static str,
}

impl Listed {
    /// The crash points' names.
    pub fn points(&self) -> impl Iterator<Item = &'static str> {
        self.points.lines().filter(|line| !line.is_empty())
    }
}
