//! The sample catalogue: what a fresh shop sells. Texts and prices are data files, pictures are drawn from them.

mod brush;
mod colour;
mod motifs;
mod picture;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result};
use brush::Hints;
use colour::Palette;
use picture::Subject;
use serde::Deserialize;

pub struct SampleProduct {
    pub sku: String,
    pub name: String,
    pub description: String,
    /// The category's slug.
    pub category: String,
    /// In cents of a euro.
    pub price_minor: i64,
    pub stock: i32,
    /// An SVG document.
    pub picture: String,
}

struct Category {
    slug: &'static str,
    data: &'static str,
    palette: Palette,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sku: String,
    name: String,
    description: String,
    price: i64,
    stock: i32,
    motif: String,
    colour: Option<String>,
    accent: Option<String>,
    pattern: Option<String>,
}

/// Every sample product, always the same and in the same order: by category, then as the data file has them.
pub fn products() -> Result<Vec<SampleProduct>> {
    let mut products = Vec::new();
    for category in CATEGORIES {
        products.extend(read(category)?);
    }
    Ok(products)
}

fn read(category: &Category) -> Result<Vec<SampleProduct>> {
    let file = format!("products/{}.json", category.slug);
    let entries: Vec<Entry> =
        serde_json::from_str(category.data).with_context(|| format!("{file} is not a list of products"))?;
    entries
        .into_iter()
        .map(|entry| {
            let sku = entry.sku.clone();
            finished(category, entry).with_context(|| format!("{file}: the product {sku}"))
        })
        .collect()
}

fn finished(category: &Category, entry: Entry) -> Result<SampleProduct> {
    let hints =
        Hints { colour: entry.colour.as_deref(), accent: entry.accent.as_deref(), pattern: entry.pattern.as_deref() };
    let subject = Subject { sku: &entry.sku, name: &entry.name, motif: &entry.motif, hints };
    let picture = picture::draw(&subject, &category.palette)?;
    Ok(SampleProduct {
        sku: entry.sku,
        name: entry.name,
        description: entry.description,
        category: category.slug.to_owned(),
        price_minor: entry.price,
        stock: entry.stock,
        picture,
    })
}

const CATEGORIES: &[Category] = &[
    Category {
        slug: "kitchen",
        data: include_str!("../products/kitchen.json"),
        palette: Palette {
            walls: [0xf1ddc4, 0xe8cfb8, 0xdfe0cd],
            contrast: 0x93bcb6,
            objects: [0xc93f38, 0x2f8687, 0xd9a232, 0x2b3d62, 0x4f9a5c],
            accents: [0xf4e9d3, 0xd1a64b, 0x2b3d62, 0xc8734f],
        },
    },
    Category {
        slug: "coffee-and-tea",
        data: include_str!("../products/coffee-and-tea.json"),
        palette: Palette {
            walls: [0xe6cfb4, 0xd9d5bf, 0xe9c9b5],
            contrast: 0xa3bfb0,
            objects: [0x2f8687, 0xc8734f, 0xf4e9d3, 0x7b3f63, 0x4b4d55],
            accents: [0x855a3c, 0xd9a232, 0xf4e9d3, 0x2f5d48],
        },
    },
    Category {
        slug: "home-textiles",
        data: include_str!("../products/home-textiles.json"),
        palette: Palette {
            walls: [0xd8dde3, 0xe9d9d0, 0xd5dfd2],
            contrast: 0x9fb4d2,
            objects: [0xcf6d80, 0x86bbdc, 0x9db296, 0xd9a232, 0xb3a1d0],
            accents: [0xf4e9d3, 0x2b3d62, 0xc8734f, 0x7b3f63],
        },
    },
    Category {
        slug: "lighting",
        data: include_str!("../products/lighting.json"),
        palette: Palette {
            walls: [0x7d8aa3, 0x8c849c, 0x7c9798],
            contrast: 0x4f607c,
            objects: [0xd9a232, 0xc93f38, 0xf4e9d3, 0x2f8687, 0xc8734f],
            accents: [0xd1a64b, 0xf4e9d3, 0x302f36, 0xc99560],
        },
    },
    Category {
        slug: "desk-and-office",
        data: include_str!("../products/desk-and-office.json"),
        palette: Palette {
            walls: [0xcfdde8, 0xddd9ea, 0xe6e1d2],
            contrast: 0x9cb4d8,
            objects: [0x3e72b0, 0xcf6d80, 0x2f8687, 0xe5863a, 0x4b4d55],
            accents: [0xf0c94c, 0xc93f38, 0x2b3d62, 0x98d0bb],
        },
    },
    Category {
        slug: "outdoors",
        data: include_str!("../products/outdoors.json"),
        palette: Palette {
            walls: [0xc5dcd6, 0xd7dcb9, 0xc6d9e6],
            contrast: 0x8cb8a4,
            objects: [0xe5863a, 0x2f5d48, 0x3e72b0, 0xd9a232, 0xa84b39],
            accents: [0xf0c94c, 0x2f8687, 0xf4e9d3, 0xc93f38],
        },
    },
    Category {
        slug: "bicycles",
        data: include_str!("../products/bicycles.json"),
        palette: Palette {
            walls: [0xc9dce4, 0xe4d9c5, 0xd6ddcf],
            contrast: 0x96b9cc,
            objects: [0xc93f38, 0x2f8687, 0x2b3d62, 0xe5863a, 0x4b4d55],
            accents: [0xf0c94c, 0xf4e9d3, 0xc93f38, 0xc99560],
        },
    },
    Category {
        slug: "garden",
        data: include_str!("../products/garden.json"),
        palette: Palette {
            walls: [0xcfe0c0, 0xe5e2c0, 0xc8ddd2],
            contrast: 0x9fc58e,
            objects: [0xc8734f, 0x2f5d48, 0x86bbdc, 0xd9a232, 0xcf6d80],
            accents: [0xf0c94c, 0xcf6d80, 0xf4e9d3, 0x855a3c],
        },
    },
    Category {
        slug: "tools",
        data: include_str!("../products/tools.json"),
        palette: Palette {
            walls: [0xd9d6cd, 0xcdd5da, 0xe6d7bb],
            contrast: 0x9db3c4,
            objects: [0xc93f38, 0xe5863a, 0x3e72b0, 0xc99560, 0x2f8687],
            accents: [0x302f36, 0xf0c94c, 0xd1a64b, 0xc93f38],
        },
    },
    Category {
        slug: "toys-and-games",
        data: include_str!("../products/toys-and-games.json"),
        palette: Palette {
            walls: [0xf3ddbd, 0xcfe3ea, 0xead5e0],
            contrast: 0xf0b79c,
            objects: [0xc93f38, 0x3e72b0, 0xf0c94c, 0x4f9a5c, 0xe5863a],
            accents: [0xf0c94c, 0x2f8687, 0xc93f38, 0x2b3d62],
        },
    },
];
