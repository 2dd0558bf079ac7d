//! A QR code (ISO/IEC 18004), drawn into the page itself: what it says is a secret, and has no address of its own.

use askama::Template;
use qrcodegen::QrCodeEcc;
use std::fmt::Write;

/// Modules that stay light on each side; cameras look for the code's edge by them.
const QUIET: i32 = 4;

/// As it is drawn: a module is one unit wide.
// Without `Debug`: it would end up in a log.
#[derive(Template)]
#[template(path = "account/qr_code.svg", escape = "html")]
pub(super) struct QrCode {
    /// With the quiet zones.
    side: i32,
    /// All dark modules, each run of a row as one rectangle.
    dark: String,
}

impl QrCode {
    /// None if it is too long for one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = qrcodegen::QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut dark = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).fold(0, |run, _| run + 1);
                if run > 0 {
                    // Writing into a string cannot fail.
                    _ = write!(dark, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run + 1;
            }
        }
        Some(Self { side: code.size() + 2 * QUIET, dark })
    }
}

#[cfg(test)]
mod tests {
    use super::QrCode;
    use askama::Template;

    #[test]
    fn what_is_too_long_for_a_code_has_none() {
        assert!(QrCode::of(&"x".repeat(2_331)).is_some());
        assert!(QrCode::of(&"x".repeat(2_332)).is_none());
    }

    #[test]
    fn what_it_says_stands_nowhere_as_text() {
        let drawn = QrCode::of("otpauth://totp/shop?secret=GEZD").unwrap().render().unwrap();
        assert!(!drawn.contains("GEZD") && !drawn.contains("otpauth"), "{drawn}");
    }
}
