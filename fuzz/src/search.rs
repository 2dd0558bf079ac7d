//! What is looked for in the catalogue, and the pictures that staff send.

use crate::support::{choice, chosen, text};
use product_service::fuzzed;

/// Nothing gets out of its quotes into the query's own signs, and no word is longer than the database takes.
pub(crate) fn search(data: &[u8]) {
    let typed = text(data);
    let [plain, folded, ..] = fuzzed::words(&typed, &typed);
    within(&plain);
    // What is found and what is looked for are folded alike, and folded again they stay.
    let [_, again, ..] = fuzzed::words(&folded, "");
    assert_eq!(again, folded);
    let Some([wanted, folded_too, sku]) = fuzzed::wanted(&typed) else { return };
    assert_eq!(folded_too, folded);
    within(&wanted);
    within(&sku);
    let outside: String = wanted.split('\'').step_by(2).collect();
    assert!(!outside.contains(|sign: char| !" &|!()<->:*".contains(sign)), "{wanted}");
    let depth = outside.chars().try_fold(0_u32, |depth, sign| match sign {
        '(' => depth.checked_add(1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    assert_eq!(depth, Some(0), "{wanted}");
}

fn within(query: &str) {
    assert!(query.matches('\'').count().is_multiple_of(2) && !query.contains(['\\', '\0']), "{query}");
    for word in query.split('\'').skip(1).step_by(2) {
        assert!(!word.is_empty() && word.len() <= 2046, "a word of {} bytes", word.len());
        assert!(word.chars().all(|letter| letter.is_alphanumeric() || "=._-".contains(letter)), "{word}");
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "the who",
        "\"Iron pan\" lid",
        "lamp -desk",
        "lamp OR torch café",
        "MUG-0042",
        "';-- & | !(",
        "Straße STRAẞE",
        "ΟΔΟΣ İzmir ﬁne",
        "नमस्ते",
        "- \"\" !",
        "ｃａｆé\u{ad}",
        "or or -\"a",
        "\u{fdfa}\u{fdfa}",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const KINDS: [&str; 5] = ["image/svg+xml", "image/png", "IMAGE/JPEG; q=1", "image/webp", "image/gif"];

/// A picture is what it is called, and named by what it holds.
pub(crate) fn picture(data: &[u8]) {
    let (number, bytes) = choice(data, KINDS.len());
    let Ok((kind, name)) = fuzzed::picture(KINDS[number], bytes) else { return };
    let (hash, ending) = name.split_once('.').expect("an ending");
    assert!(hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    let begins = |signature: &[u8]| bytes.starts_with(signature);
    let signed = match (kind, ending) {
        ("image/svg+xml", "svg") => std::str::from_utf8(bytes).is_ok_and(|text| !text.contains("<!ENTITY")),
        ("image/png", "png") => begins(b"\x89PNG"),
        ("image/jpeg", "jpg") => begins(b"\xff\xd8"),
        ("image/webp", "webp") => begins(b"RIFF"),
        _ => false,
    };
    assert!(signed, "{kind} that begins with {:?}", bytes.get(..4));
    assert_eq!(fuzzed::picture(kind, bytes), Ok((kind, name)));
    let others = KINDS.iter().filter(|other| !other.to_ascii_lowercase().starts_with(kind));
    others.into_iter().for_each(|other| assert!(fuzzed::picture(other, bytes).is_err(), "{kind} called {other}"));
}

pub(crate) fn pictures() -> Vec<Vec<u8>> {
    let svg =
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/>&amp;<![CDATA[x]]></svg>";
    let entities = "<!DOCTYPE svg [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><svg>&b;</svg>";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".as_slice();
    let jpeg =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9";
    let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
    vec![
        chosen(0, svg),
        chosen(0, "<svg/>"),
        chosen(0, entities),
        chosen(1, png),
        chosen(2, jpeg),
        chosen(3, webp),
        chosen(4, "GIF89a\x01\0\x01\0"),
    ]
}
