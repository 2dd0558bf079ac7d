//! The words of mails about an account: each tells what happened, and what to do if it was not the reader.

use super::letter_parts::{Button, Letter, plain};
use contracts::{api::user::AccountMail, events::user::PasskeyChange};

/// What is said where the link is over by the time the mail is sent: nobody is left to wonder.
const OVER: &str = "The link that belonged here works no more: it was used already, or has expired.";

pub(super) fn password_reset(mail: Option<&AccountMail>) -> Letter {
    let mut letter = plain(
        "Your new password",
        &["Somebody, probably you, asked for a new password for your account. Open the link to choose one."],
    );
    linked(&mut letter, mail, "Choose a new password");
    letter.closing.push(
        "If it was not you, ignore this mail: without the link nothing changes. Whoever asked cannot see whether you have \
         an account."
            .to_owned(),
    );
    letter
}

pub(super) fn password_changed() -> Letter {
    plain(
        "Your password was changed",
        &[
            "Your account has a new password, and everywhere else you were logged in you no longer are.",
            "If it was not you, ask for a new password at once: whoever changed it cannot log in any more then.",
        ],
    )
}

pub(super) fn logins_slowed_down() -> Letter {
    plain(
        "Somebody tries to log in to your account",
        &[
            "Somebody, perhaps you, gave many wrong passwords for your account. Nobody got in with them, and they are slowed \
             down. Where you have logged in before, you still can.",
            "If it was not you, there is nothing you need to do. A password that you use nowhere else, and a second factor, \
             keep it so.",
        ],
    )
}

pub(super) fn email_change(mail: Option<&AccountMail>) -> Letter {
    if mail.is_some_and(|mail| mail.taken) {
        return plain(
            "Somebody wanted to use your address",
            &["Somebody wanted to use this e-mail address for their account, but it is your account's. Nothing was \
                 changed, and there is nothing you need to do."],
        );
    }
    let mut letter = plain(
        "Confirm your new e-mail address",
        &[
            "An account with us is to have this e-mail address from now on. If it is yours, open the link and confirm that.",
        ],
    );
    linked(&mut letter, mail, "Confirm my new address");
    letter.closing.push("If you do not know of it, ignore this mail: without you nothing changes.".to_owned());
    letter
}

pub(super) fn email_changed() -> Letter {
    plain(
        "Your e-mail address was changed",
        &[
            "Your account has another e-mail address from now on: we write there, and you log in with it. This is the last \
             mail to this one.",
            "If it was not you, write to the shop at once: answer this mail.",
        ],
    )
}

pub(super) fn invitation(mail: Option<&AccountMail>) -> Letter {
    let mut letter = plain(
        "You are invited to work with us",
        &["You are invited to work for the shop. Open the link to choose your name and your password."],
    );
    linked(&mut letter, mail, "Accept the invitation");
    letter
        .closing
        .push("If you do not expect this, ignore this mail: without you there will be no account.".to_owned());
    letter
}

pub(super) fn erasure(mail: Option<&AccountMail>) -> Letter {
    let Some(mail) = mail else { return plain("Your account will be erased", &["Your account is to be erased."]) };
    let Some(link) = &mail.link else {
        return plain(
            "Your account is kept",
            &[
                "Somebody asked that your account be erased. It was decided since that it is kept: there is nothing you \
                 need to do.",
            ],
        );
    };
    let when = match link.valid_hours {
        0 | 1 => "within the hour".to_owned(),
        hours if hours % 24 == 0 && hours > 24 => format!("in {} days", hours / 24),
        hours => format!("in {hours} hours"),
    };
    let mut letter = plain(
        "Your account will be erased",
        &[
            &format!(
                "As asked, your account will be erased {when}, with all we keep of you. Orders that have not left by \
                      then are cancelled, and your money goes back."
            ),
            "What the law makes us keep, as the books, is kept without your name and address.",
            "If you have changed your mind, or if it was not you who asked, open the link and keep your account. The same page \
             shows afterwards how far the erasing is.",
        ],
    );
    letter.button = Some(Button { label: "See it, or keep my account", url: link.url.clone() });
    letter.closing.push("If it was not you, change your password, too.".to_owned());
    letter
}

pub(super) fn export_ready() -> Letter {
    plain(
        "The copy of your data is ready",
        &[
            "What we keep of you is put together as one file. Log in and open “Your data” on your account's page to fetch it; \
             it is there for seven days.",
            "If you did not ask for it, somebody else is logged in as you: change your password.",
        ],
    )
}

pub(super) fn provider_linked(provider: &str) -> Letter {
    plain(
        &format!("You can log in with {provider} now"),
        &[
            &format!(
                "Somebody logged in to your account with {provider}, where your e-mail address is confirmed, for the first \
                      time. From now on that opens your account."
            ),
            &format!(
                "If it was not you, somebody else has your account at {provider}: change your password there, and end all \
                      sessions on your account's page with us."
            ),
        ],
    )
}

pub(super) fn passkeys_changed(change: PasskeyChange) -> Letter {
    match change {
        PasskeyChange::Added => plain(
            "A passkey opens your account now",
            &[
                "A passkey was added to your account. From now on whoever has the device it is on, and can unlock it, can log \
                 in to your account without your password.",
                "If it was not you, somebody else is logged in as you: change your password, then remove the passkey under \
                 “Passkeys” on your account's page and end all other sessions.",
            ],
        ),
        PasskeyChange::Removed => plain(
            "A passkey was removed from your account",
            &[
                "A passkey of your account was removed: it opens nothing any more.",
                "If it was not you, somebody else is logged in as you: change your password, and end all other sessions on \
                 your account's page.",
            ],
        ),
    }
}

fn linked(letter: &mut Letter, mail: Option<&AccountMail>, label: &'static str) {
    match mail.and_then(|mail| mail.link.as_ref()) {
        Some(link) => {
            letter.button = Some(Button { label, url: link.url.clone() });
            let hours = match link.valid_hours {
                1 => "an hour".to_owned(),
                hours if hours % 24 == 0 && hours > 48 => format!("{} days", hours / 24),
                hours => format!("{hours} hours"),
            };
            letter.closing.push(format!("The link works once, for {hours}."));
        }
        None => letter.paragraphs.push(OVER.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::erasure;
    use contracts::api::user::{AccountMail, VerificationLink};

    fn told(hours: Option<i64>) -> String {
        let link =
            hours.map(|valid_hours| VerificationLink { url: "https://shop.test/erasure".to_owned(), valid_hours });
        let mail = AccountMail { email: "ada@example.com".to_owned(), first_name: None, link, taken: false };
        let letter = erasure(Some(&mail));
        format!("{}: {}", letter.subject, letter.paragraphs.join(" "))
    }

    #[test]
    fn who_is_to_be_erased_reads_when_and_who_was_kept_that_they_were() {
        assert!(told(Some(72)).contains("will be erased in 3 days,"), "{}", told(Some(72)));
        assert!(told(Some(24)).contains("in 24 hours"));
        assert!(told(Some(0)).contains("within the hour"));
        assert!(told(None).starts_with("Your account is kept"));
    }
}
