//! What a role is called in tokens' and people's words.

/// Lower-case letters, digits, `-` and `_`; begins with a letter.
pub(crate) fn role_name(text: &str) -> Result<String, &'static str> {
    let first = text.chars().next().is_some_and(|letter| letter.is_ascii_lowercase());
    let rest = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    if first && rest && text.len() <= 50 {
        Ok(text.to_owned())
    } else {
        Err(
            "is no role's name: expected a lower-case letter and then up to 49 letters, digits, hyphens and underscores",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::role_name;

    #[test]
    fn names_are_plain() {
        for (text, accepted) in [
            ("night_shift-2", true),
            ("a", true),
            ("", false),
            ("2nd", false),
            ("Night", false),
            ("night shift", false),
            ("nächte", false),
        ] {
            assert_eq!(role_name(text).is_ok(), accepted, "{text}");
        }
        assert!(role_name(&"a".repeat(50)).is_ok() && role_name(&"a".repeat(51)).is_err());
    }
}
