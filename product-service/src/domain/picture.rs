//! A product's picture.

use aws_lc_rs::digest;
use std::fmt::Write;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// The kinds browsers show, and their file extensions.
const KINDS: [(&str, &str); 4] =
    [("image/svg+xml", "svg"), ("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp")];

impl Picture {
    pub(crate) fn parse(content_type: &str, bytes: Vec<u8>) -> Result<Self, &'static str> {
        let given = content_type.split(';').next().unwrap_or_default().trim();
        let kind = KINDS.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(given));
        let (content_type, _) = kind.ok_or("must be an SVG, PNG, JPEG or WebP image, named by its Content-Type")?;
        if bytes.is_empty() {
            return Err("must not be empty");
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

    #[test]
    fn only_images_are_pictures() {
        assert!(Picture::parse("IMAGE/PNG; q=1", vec![1]).is_ok());
        assert!(Picture::parse("text/html", vec![1]).is_err());
        assert!(Picture::parse("image/png", vec![]).is_err());
    }
}
