//! That nothing is said in one language alone, and nothing is written that is never said.

use super::{
    Argument, Language, Reader, day,
    locales::{ENGLISH, LANGUAGES, LOCALES, Locale},
    messages::said_in,
    moment, money, number, of_code, of_field, span, within_now,
};
use contracts::Money;
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use time::macros::datetime;

fn read_by<T>(tag: &str, work: impl FnOnce() -> T) -> T {
    within_now(Reader::reading(tag), work)
}

/// What a language says: of each message the variables, and how often each selects a form.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for text in language.messages {
        let file = parser::parse(*text).unwrap_or_else(|(_, wrong)| panic!("{}: {wrong:?}", language.tag));
        for entry in file.body {
            let Entry::Message(message) = entry else { continue };
            let mut variables = BTreeSet::new();
            of_pattern(message.value.as_ref().unwrap(), &mut variables);
            let before = found.insert(message.id.name.to_owned(), variables);
            assert_eq!(before, None, "{} is there twice in {}", message.id.name, language.tag);
        }
    }
    found
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => of_inline(inline, variables),
            Expression::Select { selector, variants } => {
                of_inline(selector, variables);
                variants.iter().for_each(|variant| of_pattern(&variant.value, variables));
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        // Nothing else is used, so that a translator need not know it.
        other => panic!("{other:?}"),
    }
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
    files
}

/// What templates and the program ask for: the key, and the names of what is put into it.
fn asked() -> BTreeSet<(String, BTreeSet<String>)> {
    let mut asked = BTreeSet::new();
    let own = ["words/tests.rs", "words/mod.rs"];
    for (path, text) in files("src").into_iter().chain(files("templates")) {
        if own.iter().any(|own| path.ends_with(own)) {
            continue;
        }
        for (at, _) in text.match_indices("t!(") {
            let is_whole = !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
            let arguments = inside(&text[at + 3..]);
            let Some(key) = arguments.trim_start().strip_prefix('"').filter(|_| is_whole) else { continue };
            let (key, rest) = key.split_once('"').unwrap();
            asked.insert((key.to_owned(), names(rest)));
        }
    }
    asked
}

/// Up to the bracket that closes it.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|sign| {
        depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap()]
}

/// Of `, name = value, other = call(a, b)`.
fn names(arguments: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let parts = arguments.split(|sign| {
        depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        sign == ',' && depth == 0
    });
    parts.filter_map(|part| Some(part.split_once('=')?.0.trim().to_owned())).collect()
}

#[test]
fn every_language_has_every_message_with_the_same_variables() {
    let english = messages(ENGLISH);
    assert!(english.len() > 400, "{}", english.len());
    for language in LANGUAGES {
        assert_eq!(messages(language), english, "{}", language.tag);
    }
}

#[test]
fn every_message_is_said_and_what_is_said_is_there() {
    let (there, mut said) = (messages(ENGLISH), BTreeSet::new());
    for (key, names) in asked() {
        assert_eq!(there.get(&key), Some(&names), "{key}");
        said.insert(key);
    }
    let unsaid: Vec<_> = there.keys().filter(|key| !said.contains(*key)).collect();
    assert_eq!(unsaid, [""; 0]);
}

#[test]
fn every_message_can_be_said_in_every_locale() {
    for locale in LOCALES.iter() {
        for (key, variables) in messages(ENGLISH) {
            let arguments: Vec<_> =
                variables.iter().map(|name| (&*name.clone().leak(), Argument::of("something"))).collect();
            let said = said_in(locale, &key, &arguments).unwrap_or_else(|| panic!("{key} in {}", locale.tag));
            assert!(!said.trim().is_empty() && !said.contains(['{', '}', '\u{2068}']), "{key}: {said}");
            // Pages are told apart from markup by nobody: a message holds none.
            assert!(!said.contains(['<', '>', '&']), "{key}: {said}");
        }
    }
}

/// Words of a page stand between tags and in these attributes; what else is there is the program's.
#[test]
fn no_page_of_the_shop_says_anything_but_by_a_message() {
    // For who works on the shop; and names, which are the same in all languages.
    let english = ["developers.html", "design.html", "flow", "travel.svg", "office/"];
    let names = ["Ecom-Micro", "ecom seed", "id"];
    for (path, text) in files("templates") {
        let path = path.display().to_string();
        if english.iter().any(|part| path.split("templates/").nth(1).unwrap().starts_with(part)) {
            continue;
        }
        for words in shown(&text) {
            let words = names.iter().fold(words, |words, name| words.replace(name, ""));
            assert!(!words.contains(|sign: char| sign.is_alphabetic()), "{path}: {words:?}");
        }
    }
}

/// What of a template's own text people see or hear.
fn shown(template: &str) -> Vec<String> {
    let mut text = template.to_owned();
    for (begin, end) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}")] {
        while let Some(from) = text.find(begin) {
            let to = from + text[from..].find(end).unwrap() + end.len();
            text.replace_range(from..to, "");
        }
    }
    let mut found = Vec::new();
    for attribute in ["aria-label=\"", "placeholder=\"", "title=\"", "alt=\"", "name=\"description\" content=\""] {
        found.extend(text.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    let between = text.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).to_owned());
    found.extend(between);
    found
}

#[test]
fn one_piece_is_not_two() {
    let few = |tag, count: i64| read_by(tag, || t!("cart-few-left", count = count).into_owned());
    assert_eq!((&*few("en", 1), &*few("en", 2)), ("There is 1 left.", "There are 2 left."));
    assert_eq!((&*few("de", 1), &*few("de", 2)), ("Es ist noch 1 Stück da.", "Es sind noch 2 Stück da."));
    assert_eq!(few("de-CH", 0), "Es sind noch 0 Stück da.");
    assert_eq!(few("en", 1234), "There are 1,234 left.");
    assert_eq!(few("de", 1234), "Es sind noch 1.234 Stück da.");
}

#[test]
fn a_wait_is_told_in_the_unit_people_would_use_and_never_too_short() {
    for (seconds, english, german) in [
        (0, "1 second", "1 Sekunde"),
        (60, "60 seconds", "60 Sekunden"),
        (91, "2 minutes", "2 Minuten"),
        (120, "2 minutes", "2 Minuten"),
        (5400, "90 minutes", "90 Minuten"),
        (5401, "2 hours", "2 Stunden"),
        (86_400, "24 hours", "24 Stunden"),
    ] {
        assert_eq!(read_by("en", || span(seconds)), english);
        assert_eq!(read_by("de", || span(seconds)), german);
    }
}

/// As browsers write them (`Intl.NumberFormat`), which have them from the same source.
#[test]
fn amounts_are_written_as_the_place_writes_them() {
    for (tag, currency, amount, told) in [
        ("en", "EUR", 1250, "€12.50"),
        ("en", "EUR", 123_456_750, "€1,234,567.50"),
        ("en", "USD", -1250, "-$12.50"),
        ("en", "JPY", 1_234_568, "¥1,234,568"),
        ("en", "CHF", 1250, "CHF\u{a0}12.50"),
        ("en", "KWD", 12_500, "KWD\u{a0}12.500"),
        ("en", "EUR", 5, "€0.05"),
        ("en", "EUR", 0, "€0.00"),
        ("en-GB", "USD", 1250, "US$12.50"),
        ("en-GB", "GBP", 1250, "£12.50"),
        ("de", "EUR", 1250, "12,50\u{a0}€"),
        ("de", "EUR", 123_456_750, "1.234.567,50\u{a0}€"),
        ("de", "USD", -1250, "-12,50\u{a0}$"),
        ("de", "JPY", 1_234_568, "1.234.568\u{a0}¥"),
        ("de", "SEK", 1250, "12,50\u{a0}SEK"),
        ("de", "KWD", 1_234_567_500, "1.234.567,500\u{a0}KWD"),
        ("de-AT", "EUR", 1250, "€\u{a0}12,50"),
        ("de-AT", "EUR", 123_456_750, "€\u{a0}1.234.567,50"),
        ("de-CH", "CHF", 123_456_750, "CHF\u{a0}1'234'567.50"),
        ("de-CH", "EUR", 1250, "EUR\u{a0}12.50"),
        ("de", "EUR", Money::MOST, "90.071.992.547.409,91\u{a0}€"),
        ("en", "EUR", i64::MIN, "-€92,233,720,368,547,758.08"),
    ] {
        assert_eq!(read_by(tag, || money(&Money::new(amount, currency.parse().unwrap()))), told, "{tag} {currency}");
    }
    assert_eq!(
        (read_by("en", || number(1_234_567)), read_by("de", || number(-1234))),
        ("1,234,567".into(), "-1.234".into())
    );
}

#[test]
fn times_are_written_as_the_place_writes_them() {
    let at = datetime!(2026-01-02 17:04:05 +2);
    for (tag, at_minute, on_day) in [
        ("en", "Jan 2, 2026, 3:04\u{202f}PM UTC", "Jan 2, 2026"),
        ("en-GB", "2 Jan 2026, 15:04 UTC", "2 Jan 2026"),
        ("de", "02.01.2026, 15:04 UTC", "02.01.2026"),
        ("de-AT", "02.01.2026, 15:04 UTC", "02.01.2026"),
        ("de-CH", "02.01.2026, 15:04 UTC", "02.01.2026"),
    ] {
        assert_eq!((&*read_by(tag, || moment(&at)), &*read_by(tag, || day(&at))), (at_minute, on_day), "{tag}");
    }
}

#[test]
fn every_language_and_locale_is_known_to_who_writes_it() {
    for language in LANGUAGES {
        assert_eq!(Locale::main(language).tag, language.tag);
        assert!(language.open_graph.starts_with(language.tag), "{language:?}");
    }
}

#[test]
fn what_a_service_says_is_marked_where_nobody_has_other_words_for_it() {
    read_by("de", || {
        assert_eq!(of_field("Passwort", "is too short: at least 8 characters, better 15 or more").lang(), "");
        let unknown = of_field("Passwort", "is purple");
        assert_eq!((&*unknown, unknown.lang()), ("Passwort is purple.", " lang=\"en\""));
        assert_eq!(
            of_code("email_not_verified", "").unwrap().split(':').next(),
            Some("Bestätigen Sie zuerst Ihre E-Mail-Adresse")
        );
        assert_eq!(of_code("never_heard_of", "Something."), None);
    });
    read_by("en", || assert_eq!(of_field("Password", "is purple").lang(), ""));
    let one_line = "must hold 1 to 100 characters on one line";
    assert_eq!(&*read_by("en", || of_field("City", one_line)), "City must hold 1 to 100 characters on one line.");
    assert_eq!(&*read_by("de", || of_field("Ort", one_line)), "Ort: 1 bis 100 Zeichen in einer Zeile.");
}
