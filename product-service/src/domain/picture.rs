//! A product's picture.

use aws_lc_rs::digest;
use imagesize::ImageType;
use roxmltree::Document;
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

impl Picture {
    /// By what the bytes are, whatever they are called; and they must be called what they are.
    pub(crate) fn parse(content_type: &str, bytes: Vec<u8>) -> Result<Self, &'static str> {
        let given = content_type.split(';').next().unwrap_or_default().trim();
        let kind = KINDS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(given));
        let (content_type, _) = kind.ok_or("must be an SVG, PNG, JPEG or WebP image, named by its Content-Type")?;
        if bytes.is_empty() {
            return Err("must not be empty");
        }
        let found = kind_of(&bytes).ok_or("is none: its bytes are no SVG, PNG, JPEG or WebP image of a usual size")?;
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

fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    if is_svg(bytes) {
        return Some("image/svg+xml");
    }
    let size = imagesize::blob_size(bytes).ok()?;
    let usual = 1..=LARGEST;
    if !usual.contains(&size.width) || !usual.contains(&size.height) {
        return None;
    }
    match imagesize::image_type(bytes).ok()? {
        ImageType::Png => Some("image/png"),
        ImageType::Jpeg => Some("image/jpeg"),
        ImageType::Webp => Some("image/webp"),
        _ => None,
    }
}

/// A well-formed document whose root is SVG's (with its namespace or, as many are drawn, without any), and without a
/// document type: that is where entities are declared which grow or fetch.
fn is_svg(bytes: &[u8]) -> bool {
    let document = std::str::from_utf8(bytes).ok().and_then(|text| Document::parse(text).ok());
    document.is_some_and(|document| {
        let name = document.root_element().tag_name();
        name.name() == "svg" && matches!(name.namespace(), None | Some("http://www.w3.org/2000/svg"))
    })
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
