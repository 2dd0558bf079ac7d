//! E-mail addresses as accounts were given them, by the rules of their time.

pub(crate) use service_kit::email::Email;

use service_kit::email::to_ascii;

/// The key of an address that was taken under older rules, which let any letter stand before the `@`: such an address
/// keeps them, so that it is nobody else's. None for what is no address by any rules.
pub fn key_of_stored(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    let domain = to_ascii(domain)?;
    Some(format!("{}@{domain}", local.to_ascii_lowercase()))
}

/// The same address with its domain's name in the DNS, where it has one, and its key.
pub(crate) fn canonical(stored: &str) -> (String, String) {
    let address = stored.rsplit_once('@').and_then(|(local, domain)| Some(format!("{local}@{}", to_ascii(domain)?)));
    (address.unwrap_or_else(|| stored.to_owned()), key_of_stored(stored).unwrap_or_else(|| stored.to_lowercase()))
}

/// The name under which attempts with a typed address are counted: one for all the ways it is written.
pub(crate) fn login_name(typed: &str) -> String {
    key_of_stored(typed).unwrap_or_else(|| typed.trim().to_owned()).to_lowercase()
}

/// Under which keys an account of this address may be found, the likeliest first. An account whose new key belongs to
/// another keeps its old one, which was the whole address in lower case by Unicode, until a person decides.
pub(crate) fn known_keys(typed: &str) -> Vec<String> {
    let typed = typed.trim();
    let (old, new) = (typed.to_lowercase(), key_of_stored(typed));
    // An old key that is ASCII is the new one as well, or that of somebody the typed address only looks like.
    let mut keys: Vec<String> = new.as_ref().is_none_or(|_| !old.is_ascii()).then_some(old).into_iter().collect();
    keys.extend(new.filter(|new| !keys.contains(new)));
    keys.retain(|key| !key.contains('\0'));
    keys
}

#[cfg(test)]
mod tests {
    use super::{key_of_stored, known_keys, login_name};

    #[test]
    fn what_was_taken_before_keeps_its_letters_and_is_nobody_elses() {
        assert_eq!(key_of_stored("\u{212a}ate@example.com").as_deref(), Some("\u{212a}ate@example.com"));
        assert_eq!(key_of_stored("Ada@Bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
        assert_eq!(key_of_stored("ada@example.com").as_deref(), Some("ada@example.com"));
        assert_eq!(key_of_stored("no address"), None);
    }

    #[test]
    fn attempts_count_under_one_name_however_the_address_is_written() {
        for (one, other) in [
            ("Ada@Bücher.example", " ada@xn--bcher-kva.example"),
            ("\u{dc}@example.com", "\u{fc}@Example.com"),
            ("no address", " No Address"),
        ] {
            assert_eq!(login_name(one), login_name(other));
        }
    }

    #[test]
    fn a_typed_address_is_looked_for_under_its_old_and_its_new_key() {
        assert_eq!(known_keys("Ada@example.com"), ["ada@example.com"]);
        assert_eq!(known_keys(" Ada@Bücher.example"), ["ada@bücher.example", "ada@xn--bcher-kva.example"]);
        assert_eq!(known_keys("\u{dc}@example.com"), ["\u{fc}@example.com", "\u{dc}@example.com"]);
        // Never under the key of whom it looks like.
        assert_eq!(known_keys("\u{212a}ate@example.com"), ["\u{212a}ate@example.com"]);
        // A domain that today's rules refuse.
        assert_eq!(known_keys("Ada@exa_mple.com"), ["ada@exa_mple.com"]);
        assert_eq!(known_keys("a\0@example.com"), Vec::<String>::new());
    }
}
