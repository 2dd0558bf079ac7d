//! Lines that people type, card numbers among them, and where parcels go.

use crate::support::{choice, chosen, text as texts};
use service_kit::{
    card_number,
    postal_address::{Parts, PostalAddress},
    text as lines,
};

const WAYS: [fn(&str); 4] = [line, paragraphs, card, address];

pub(crate) fn text(data: &[u8]) {
    let (way, rest) = choice(data, WAYS.len());
    WAYS[way](&texts(rest));
}

/// What was taken is taken again as the same, and is one line that is not too long.
fn line(typed: &str) {
    for most in [1, 20, 300] {
        let line = lines::line(typed, most);
        assert_eq!(lines::optional_line(Some(typed), most).ok().flatten(), line.clone().ok());
        let Ok(line) = line else { continue };
        assert!((1..=most).contains(&line.chars().count()) && !line.chars().any(char::is_control), "{line:?}");
        assert_eq!(lines::line(&line, most).as_ref(), Ok(&line));
        // What fits into less fits into more.
        assert_eq!(lines::line(typed, most + 1).as_ref(), Ok(&line));
    }
}

fn paragraphs(typed: &str) {
    let Ok(text) = lines::paragraphs(typed, 5000) else { return };
    assert!(text.chars().count() <= 5000 && !text.contains('\0'));
    assert_eq!(lines::paragraphs(&text, 5000).as_ref(), Ok(&text));
}

/// A card number is found whatever stands around it, and however its digits are parted.
fn card(around: &str) {
    let number = ["4242", "4242", "4242", "4242"];
    for between in ["", " ", "-", " - ", "x", "_", "\u{2011}"] {
        let card = number.join(between);
        // A letter among them makes it something else, as far as keys go that are made by chance.
        assert_eq!(card_number::is_one(&card), between != "x", "{card}");
        let text = format!("{around} q{card}q {around}");
        assert!(card_number::refuse(&text).is_err(), "{text}");
    }
    if card_number::is_one(around) {
        assert!(card_number::refuse(around).is_err(), "{around}");
    }
}

fn address(typed: &str) {
    let mut parts = typed.split('\n');
    let mut part = || parts.next().unwrap_or_default();
    let parts = Parts {
        name: part(),
        line1: part(),
        postal_code: part(),
        city: part(),
        country: part(),
        line2: Some(part()),
        region: Some(part()),
    };
    match PostalAddress::parse(parts) {
        Ok(address) => {
            let all = [&address.name, &address.line1, &address.postal_code, &address.city];
            let optional = [&address.line2, &address.region].into_iter().flatten();
            for line in all.into_iter().chain(optional) {
                assert!(!line.is_empty() && card_number::refuse(line).is_ok(), "{line}");
            }
            assert!(address.country.len() == 2 && address.country.bytes().all(|byte| byte.is_ascii_uppercase()));
            let again = PostalAddress::parse(Parts {
                name: &address.name,
                line1: &address.line1,
                line2: address.line2.as_deref(),
                postal_code: &address.postal_code,
                city: &address.city,
                region: address.region.as_deref(),
                country: &address.country,
            });
            let json = |address: &PostalAddress| serde_json::to_string(address).expect("an address is JSON");
            assert_eq!(again.map(|again| json(&again)), Ok(json(&address)));
        }
        Err(wrong) => assert!(!wrong.is_empty() && wrong.iter().all(|(_, why)| !why.is_empty())),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let typed = [
        "Ada Lovelace",
        " Mu\u{308}nchen ",
        "1 Road\u{2029}",
        "\u{8FBB}\u{E0100}",
        "\u{0DC1}\u{0DCA}\u{200D}\u{0DBB}",
        "👩\u{200d}🚀",
        "a\tb\r\nc",
        "To\u{202E}wn",
        "Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{30a}",
    ];
    let cards = [
        "",
        "order 4711, 12",
        "3782x822463x10005",
        "５５５５ ５５５５",
        "4006381333931",
        "٤٢٤٢ 4242-4242",
        "1-2-3-4-5-6",
    ];
    let addresses =
        ["Ada\n1 Road\nSW1Y 4JH\nLondon\ngb\n2nd floor\nGreater London", "Ada\n1 Road\n1\nTown\nXK", "\n\n\n\nZZ"];
    let lines = typed.iter().flat_map(|text| [chosen(0, text), chosen(1, text)]);
    let cards = cards.iter().map(|text| chosen(2, text));
    lines.chain(cards).chain(addresses.iter().map(|text| chosen(3, text))).collect()
}
