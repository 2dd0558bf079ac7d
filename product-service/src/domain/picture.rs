//! A product's picture, as it is handed in.

use aws_lc_rs::digest;
use imagesize::ImageType;
use roxmltree::{Attribute, Document, Node};
use std::fmt::Write;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// The kinds browsers show, and their file extensions.
const KINDS: [(&str, &str); 4] =
    [("image/svg+xml", "svg"), ("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp")];

/// So wide and high at the most: a few bytes can ask a browser for gigabytes.
const LARGEST: usize = 10_000;

/// All its pixels are in memory at once, and a service has little of that.
pub(super) const MOST_PIXELS: u64 = 16_000_000;

impl Picture {
    /// By what the bytes are, whatever they are called; and they must be called what they are.
    pub(crate) fn parse(content_type: &str, bytes: Vec<u8>) -> Result<Self, &'static str> {
        let given = content_type.split(';').next().unwrap_or_default().trim();
        let kind = KINDS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(given));
        let (content_type, _) = kind.ok_or("must be an SVG, PNG, JPEG or WebP image, named by its Content-Type")?;
        if bytes.is_empty() {
            return Err("must not be empty");
        }
        let found = kind_of(&bytes)?;
        if found != *content_type {
            return Err("is not what its Content-Type says");
        }
        Ok(Self { content_type, bytes })
    }

    pub(crate) fn svg(text: &str) -> Result<Self, &'static str> {
        Self::parse("image/svg+xml", text.as_bytes().to_vec())
    }

    /// Its content's hash: another picture has another name, so that nobody is shown an old one.
    pub(crate) fn name(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.bytes);
        let mut name = String::with_capacity(37);
        for byte in &digest.as_ref()[..16] {
            // Writing to a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        let extension = KINDS.iter().find(|(kind, _)| *kind == self.content_type).map_or("bin", |(_, end)| end);
        format!("{name}.{extension}")
    }
}

fn kind_of(bytes: &[u8]) -> Result<&'static str, &'static str> {
    let none = "is none: its bytes are no SVG, PNG, JPEG or WebP image";
    if let Some(document) = std::str::from_utf8(bytes).ok().and_then(|text| Document::parse(text).ok()) {
        let root = document.root_element();
        return match is_of_svg(&root) {
            true if root.descendants().any(|node| acts(&node)) => {
                Err("may only be drawn: leave out scripts, what is done on events, other documents and links")
            }
            true => Ok("image/svg+xml"),
            false => Err(none),
        };
    }
    let size = imagesize::blob_size(bytes).map_err(|_| none)?;
    let usual = 1..=LARGEST;
    // Before a pixel of it is made: a few bytes can say that they are gigabytes.
    let pixels = size.width.saturating_mul(size.height);
    if !usual.contains(&size.width) || !usual.contains(&size.height) || pixels as u64 > MOST_PIXELS {
        return Err("has too many pixels, or none: 10,000 in a row and 16 million in all are taken");
    }
    match imagesize::image_type(bytes).map_err(|_| none)? {
        ImageType::Png => Ok("image/png"),
        ImageType::Jpeg => Ok("image/jpeg"),
        ImageType::Webp => Ok("image/webp"),
        _ => Err(none),
    }
}

/// SVG's by its namespace or, as many are drawn, without any. Without a document type the parser takes it alone: that is where
/// entities are declared which grow or fetch.
fn is_of_svg(root: &Node) -> bool {
    let name = root.tag_name();
    name.name() == "svg" && matches!(name.namespace(), None | Some("http://www.w3.org/2000/svg"))
}

/// Whether it does more than draw. Where pictures are shown nothing of it would happen (see `http/show_picture.rs`); where
/// somebody saves one and opens it, it might.
fn acts(node: &Node) -> bool {
    let name = node.tag_name().name().to_ascii_lowercase();
    let is_foreign = matches!(&*name, "script" | "foreignobject" | "iframe" | "object" | "embed" | "handler" | "a");
    // What `set` and `animate` write may be an attribute that acts.
    let writes = |attribute: &Attribute| attribute.name() == "attributeName" && points_or_acts(attribute.value());
    let leads = |attribute: &Attribute| attribute.name().eq_ignore_ascii_case("href") && !stays(attribute.value());
    let on_event =
        |attribute: &Attribute| points_or_acts(attribute.name()) && !attribute.name().eq_ignore_ascii_case("href");
    is_foreign || node.attributes().any(|one| on_event(&one) || leads(&one) || writes(&one))
}

fn points_or_acts(name: &str) -> bool {
    let name = name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    name == "href" || name.starts_with("on")
}

/// To a part of the same drawing, or to a picture that is written out in it.
fn stays(address: &str) -> bool {
    let address = address.trim();
    address.starts_with('#')
        || ["png", "jpeg", "webp"].iter().any(|kind| address.starts_with(&format!("data:image/{kind};")))
}

#[cfg(test)]
mod tests {
    use super::Picture;

    #[test]
    fn a_picture_is_named_by_what_it_holds() {
        let one = Picture::svg("<svg/>").unwrap();
        let other = Picture::svg("<svg></svg>").unwrap();
        assert_eq!(one.name(), Picture::svg("<svg/>").unwrap().name());
        assert_ne!(one.name(), other.name());
        assert!(one.name().ends_with(".svg"), "{}", one.name());
    }

    /// One pixel each.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    const JPEG: &[u8] =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9";
    const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";

    #[test]
    fn pictures_are_told_by_their_bytes() {
        let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice();
        let kinds = [("image/svg+xml", svg), ("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP)];
        for (kind, bytes) in kinds {
            for (called, _) in kinds {
                assert_eq!(Picture::parse(called, bytes.to_vec()).is_ok(), called == kind, "{kind} called {called}");
            }
        }
        assert!(Picture::parse("IMAGE/PNG; q=1", PNG.to_vec()).is_ok());
        assert!(Picture::parse("text/html", PNG.to_vec()).is_err());
    }

    #[test]
    fn a_drawing_draws_and_does_nothing_else() {
        for drawing in [
            "<svg><defs><path id='a' d='M0 0h9'/></defs><use href='#a'/></svg>",
            "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><use xlink:href='#a'/><title>on the table</title></svg>",
            "<svg><image href='data:image/png;base64,AAAA'/><animate attributeName='opacity' to='1'/></svg>",
        ] {
            assert!(Picture::svg(drawing).is_ok(), "{drawing}");
        }
        for document in [
            "<svg><script>alert(1)</script></svg>",
            "<svg xmlns='http://www.w3.org/2000/svg'><s:script xmlns:s='http://www.w3.org/1999/xhtml'/></svg>",
            "<svg onload='alert(1)'/>",
            "<svg><g ONCLICK='alert(1)'/></svg>",
            "<svg><foreignObject><p xmlns='http://www.w3.org/1999/xhtml'/></foreignObject></svg>",
            "<svg><a href='#a'/></svg>",
            "<svg><image href='https://elsewhere.example/x.png'/></svg>",
            "<svg><use href='data:image/svg+xml;base64,AAAA'/></svg>",
            "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='//elsewhere.example/x'/></svg>",
            "<svg><set attributeName='onclick' to='alert(1)'/></svg>",
            "<svg><animate attributeName='xlink:href' to='javascript:alert(1)'/></svg>",
        ] {
            assert!(Picture::svg(document).unwrap_err().starts_with("may only be drawn"), "{document}");
        }
    }

    #[test]
    fn a_few_bytes_that_say_they_are_gigabytes_are_told_from_pictures() {
        let mut bomb = PNG.to_vec();
        for (width, height) in [(10_000_u32, 10_000_u32), (10_001, 1), (60_000, 60_000), (4000, 4001)] {
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let refused = Picture::parse("image/png", bomb.clone()).unwrap_err();
            assert!(refused.starts_with("has too many pixels"), "{width} {height}: {refused}");
        }
    }

    #[test]
    fn what_is_no_picture_is_none_whatever_it_is_called() {
        let huge = PNG.iter().copied().enumerate().map(|(index, byte)| if index == 16 { 0x7f } else { byte });
        let flat = PNG.iter().copied().enumerate().map(|(index, byte)| if index == 19 { 0 } else { byte });
        // As deep as fits into a body.
        let deep = format!("<svg>{}", "<g>".repeat(80_000)).into_bytes();
        let none: [Vec<u8>; 19] = [
            deep,
            vec![],
            vec![1],
            b"hello".to_vec(),
            b"<html><script>alert(1)</script></html>".to_vec(),
            b"<!doctype html><svg/>".to_vec(),
            b"<svg".to_vec(),
            b"<svg><g></svg>".to_vec(),
            b"<svg xmlns=\"http://www.w3.org/1999/xhtml\"/>".to_vec(),
            b"<html xmlns:s=\"http://www.w3.org/2000/svg\"><s:svg/></html>".to_vec(),
            b"<!DOCTYPE svg [<!ENTITY a \"aaaa\">]><svg>&a;</svg>".to_vec(),
            b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
            b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0".to_vec(),
            b"%PDF-1.7".to_vec(),
            b"\x7fELF\x02\x01\x01".to_vec(),
            PNG[..12].to_vec(),
            JPEG[..8].to_vec(),
            huge.collect(),
            flat.collect(),
        ];
        for bytes in none {
            for kind in ["image/svg+xml", "image/png", "image/jpeg", "image/webp"] {
                assert!(Picture::parse(kind, bytes.clone()).is_err(), "{kind}: {}", bytes.escape_ascii());
            }
        }
    }
}
