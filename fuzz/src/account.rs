//! What people type who have an account or want one.

use crate::support::{choice, chosen, line, text};
use user_service::fuzzed;

const WAYS: [fn(&[u8]); 6] = [email, password, name, code, device, role];

pub(crate) fn account(data: &[u8]) {
    let (way, rest) = choice(data, WAYS.len());
    WAYS[way](rest);
}

/// One mailbox has one key, however it is typed; whoever was registered with an address is found by it.
fn email(data: &[u8]) {
    let typed = text(data);
    let keys = fuzzed::email_keys(&typed);
    assert!(keys.len() <= 2 && keys.iter().all(|key| !key.contains('\0')), "{keys:?}");
    let Ok(email) = fuzzed::email(&typed) else { return };
    let address = &email.address;
    assert!(address.is_ascii() && address.len() <= 254 && address.matches('@').count() == 1, "{address}");
    assert!(!address.contains(|letter: char| letter.is_ascii_control() || " <>\",;".contains(letter)), "{address}");
    assert_eq!(fuzzed::email(address).as_ref(), Ok(&email), "read again it is another");
    assert_eq!(email.key, address.to_ascii_lowercase());
    assert!(keys.contains(&email.key), "{} is not found under {keys:?}", email.key);
    assert_eq!(fuzzed::email_counted(&typed), email.key);
    assert_eq!(fuzzed::email_stored(address), (address.clone(), email.key.clone()));
    // The bounds on mails count one for all its tags, and no other domain's.
    let domain = |text: &str| text.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    assert_eq!(domain(&email.mailbox), domain(&email.key));
    let name = email.mailbox.split('@').next().unwrap_or_default();
    assert!(!name.is_empty() && email.key.starts_with(name), "{} of {}", email.mailbox, email.key);
    assert!(email.key.contains('+') || email.mailbox == email.key, "{} of {}", email.mailbox, email.key);
}

/// What is kept of a password is found again by what was typed.
fn password(data: &[u8]) {
    let (about, typed) = line(data);
    let (about, typed) = (text(about), text(typed));
    let (enforced, forms) = fuzzed::password_forms(&typed);
    assert!(forms.len() <= 2 && forms[0] == enforced && (enforced == *typed || forms[1] == *typed));
    let (again, _) = fuzzed::password_forms(&enforced);
    assert_eq!(again, enforced, "enforced twice it is another");
    let Ok(kept) = fuzzed::password(&typed, &[&about]) else { return };
    assert_eq!(kept, enforced);
    assert!((8..=256).contains(&kept.chars().count()) && !kept.chars().any(char::is_control));
    assert_eq!(fuzzed::password(&kept, &[&about]).as_ref(), Ok(&kept));
}

fn name(data: &[u8]) {
    let Some(name) = fuzzed::name(&text(data)) else { return };
    assert!(
        (1..=100).contains(&name.chars().count()) && !name.contains(['/', '@', ':', '<', '\n', '\r', '\0']),
        "{name}"
    );
    assert_eq!(fuzzed::name(&name).as_ref(), Some(&name));
}

/// Of the second factor: a code by time is of a step beside now; one for recovery is known however it is typed.
fn code(data: &[u8]) {
    let (moment, typed) = data.split_first_chunk::<4>().unwrap_or((&[0; 4], data));
    let (now, typed) = (u64::from(u32::from_be_bytes(*moment)), text(typed));
    if let Some(step) = fuzzed::totp(b"12345678901234567890", &typed, now) {
        let here = i64::try_from(now / 30).expect("a moment");
        assert!((here - 1..=here + 1).contains(&step), "step {step} at {here}");
        let digits: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
    }
    let mac = fuzzed::recovery_code(&typed);
    assert_eq!(fuzzed::recovery_code(&format!(" {}-", typed.to_ascii_uppercase())), mac);
    if let Some(token) = fuzzed::device_token("ada@example.com", &typed) {
        assert_eq!(token, typed.trim());
        assert!(fuzzed::device_token("grace@example.com", &typed).is_none());
    }
}

fn device(data: &[u8]) {
    let named = fuzzed::device_named(&text(data));
    assert!((1..=40).contains(&named.chars().count()) && !named.chars().any(char::is_control), "{named}");
}

fn role(data: &[u8]) {
    let typed = text(data);
    if let Ok(role) = fuzzed::role(&typed) {
        assert_eq!(role, typed);
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        assert!((1..=50).contains(&role.len()) && role.bytes().all(plain));
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts: [(usize, &[&str]); 6] = [
        (
            0,
            &[
                "ada@example.com",
                " Ada.L+shop@mail.example.org ",
                "o'hara_&c@xn--bcher-kva.example",
                "ada@bu\u{308}cher.example",
                "ada@例え。テスト",
                "ada@ｅｘａｍｐｌｅ.com",
                "\u{212a}ate@example.com",
                "+1@example.com",
                "\"a da\"@example.com",
                "Ada <ada@example.com>",
                "ada@[127.0.0.1]",
                "ada@fa\u{df}.example",
            ],
        ),
        (1, &["Ada Lovelace\npa\u{308}sse partout", "\ncorrect\u{a0}horse battery", "ada@example.com\npassword1234"]),
        (
            2,
            &[
                "O'Connor",
                "J.P.Morgan",
                "Nu\u{301}n\u{303}ez",
                "evil.example",
                "\u{8FBB}\u{E0100}",
                "अर्जुन",
                "Gates 3rd",
            ],
        ),
        (3, &["\0\0\0\x3b287082", "\0\0\0\x3b287 082", "\0\0\0\0K3JD 9Oi1 8QRT", "\0\0\0\0k3jd-9x2m-8qrt"]),
        (
            4,
            &[
                "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
                "curl/8.5.0",
                "\u{7f} shop-sync/2 (nightly)",
            ],
        ),
        (5, &["night_shift-2", "2nd", "a"]),
    ];
    let all = texts.iter().flat_map(|(way, texts)| texts.iter().map(|text| chosen(*way, text)));
    all.collect()
}
