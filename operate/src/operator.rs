//! Who sits at the keyboard, for the operator's log.

use anyhow::Context;
use service_kit::{Env, text};

/// `--as NAME`, else the name of the user on this machine.
///
/// # Errors
/// It is no line that shows something. Or neither is there: a change by hand without a name is none we make.
pub(crate) fn name(env: &Env, given: Option<String>) -> anyhow::Result<String> {
    let name = match given {
        Some(name) => Some(name),
        None => env.text("USER")?,
    };
    let name = text::optional_line(name.as_deref(), 100).context("your name")?;
    name.context("who you are is not known, and the operator's log needs it: USER is not set, so give --as NAME")
}

#[cfg(test)]
mod tests {
    use super::name;
    use service_kit::Env;

    #[test]
    fn a_given_name_wins_over_the_users_and_one_of_them_is_needed() {
        let env = Env::of([("USER", "ada")]);
        assert_eq!(name(&env, Some("grace".to_owned())).unwrap(), "grace");
        assert_eq!(name(&env, None).unwrap(), "ada");
        for hidden in ["\u{200B}", "ada\u{2028}", "\u{3164}"] {
            assert!(name(&env, Some(hidden.to_owned())).is_err(), "{}", hidden.escape_unicode());
        }
        assert!(name(&env, Some(" ".to_owned())).unwrap_err().to_string().contains("--as NAME"));
        assert!(name(&Env::default(), None).unwrap_err().to_string().contains("--as NAME"));
    }
}
