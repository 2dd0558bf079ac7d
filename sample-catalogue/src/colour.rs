//! Colours of the product pictures, reckoned in whole numbers so that a picture is the same on every machine.

use std::fmt;

/// Shadows lean to violet and lights to cream: pure black and white make flat drawings look dirty.
const SHADOW: Colour = Colour::hex(0x2a2233);
const DAYLIGHT: Colour = Colour::hex(0xfffaf0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    pub(super) const fn hex(value: u32) -> Self {
        let [_, red, green, blue] = value.to_be_bytes();
        Self { red, green, blue }
    }

    /// The names which the data files may use as hints.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, value)| Self::hex(*value))
    }

    pub(super) fn darker(self, percent: u16) -> Self {
        self.mixed_with(SHADOW, percent)
    }

    pub(super) fn lighter(self, percent: u16) -> Self {
        self.mixed_with(DAYLIGHT, percent)
    }

    pub(super) fn mixed_with(self, other: Self, percent: u16) -> Self {
        let share = percent.min(100);
        let blend = |own: u8, foreign: u8| {
            let hundredfold = u16::from(own) * (100 - share) + u16::from(foreign) * share;
            u8::try_from(hundredfold / 100).unwrap_or(u8::MAX)
        };
        Self {
            red: blend(self.red, other.red),
            green: blend(self.green, other.green),
            blue: blend(self.blue, other.blue),
        }
    }

    /// How far apart two colours look, roughly: 0 to 765.
    pub(super) fn distance(self, other: Self) -> u16 {
        u16::from(self.red.abs_diff(other.red))
            + u16::from(self.green.abs_diff(other.green))
            + u16::from(self.blue.abs_diff(other.blue))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// What a category's pictures have in common: walls behind the things, and colours for things whose data name none.
pub(super) struct Palette {
    pub(super) walls: [u32; 3],
    /// A deeper wall, for pale things.
    pub(super) contrast: u32,
    pub(super) objects: [u32; 5],
    pub(super) accents: [u32; 4],
}

const NAMED: &[(&str, u32)] = &[
    ("red", 0xc93f38),
    ("brick", 0xa84b39),
    ("terracotta", 0xc8734f),
    ("orange", 0xe5863a),
    ("mustard", 0xd9a232),
    ("yellow", 0xf0c94c),
    ("olive", 0x86874a),
    ("green", 0x4f9a5c),
    ("forest", 0x2f5d48),
    ("sage", 0x9db296),
    ("mint", 0x98d0bb),
    ("teal", 0x2f8687),
    ("sky", 0x86bbdc),
    ("blue", 0x3e72b0),
    ("navy", 0x2b3d62),
    ("lilac", 0xb3a1d0),
    ("plum", 0x7b3f63),
    ("pink", 0xea9fad),
    ("rose", 0xcf6d80),
    ("sand", 0xddc6a1),
    ("cream", 0xf4e9d3),
    ("white", 0xf7f5f1),
    ("grey", 0x9a9da3),
    ("charcoal", 0x4b4d55),
    ("black", 0x302f36),
    ("brown", 0x855a3c),
    ("walnut", 0x6e4a34),
    ("oak", 0xc99560),
    ("beech", 0xdfb585),
    ("steel", 0xb9c2c9),
    ("copper", 0xc4754a),
    ("brass", 0xd1a64b),
];
