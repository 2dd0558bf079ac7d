//! The languages that pages are written in, and the places whose way to write amounts and dates is known. A language more
//! is a folder of messages and a line here.

use service_kit::Env;
use std::sync::LazyLock;

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// Of RFC 5646.
    pub(crate) tag: &'static str,
    /// As its speakers call it.
    pub(crate) name: &'static str,
    /// As Open Graph calls it, which wants a country too.
    pub(crate) open_graph: &'static str,
    /// The files of `locales/`.
    pub(super) messages: &'static [&'static str],
}

macro_rules! messages {
    ($folder:literal) => {
        &[
            include_str!(concat!("../../locales/", $folder, "/account.ftl")),
            include_str!(concat!("../../locales/", $folder, "/errors.ftl")),
            include_str!(concat!("../../locales/", $folder, "/layout.ftl")),
            include_str!(concat!("../../locales/", $folder, "/shop.ftl")),
        ]
    };
}

pub(super) const ENGLISH: Language =
    Language { tag: "en", name: "English", open_graph: "en_US", messages: messages!("en") };
const GERMAN: Language = Language { tag: "de", name: "Deutsch", open_graph: "de_DE", messages: messages!("de") };

/// Each once, as readers are offered them.
pub(crate) const LANGUAGES: [Language; 2] = [ENGLISH, GERMAN];

/// What the shop is written in for who asks for nothing that it knows.
const VARIABLE: &str = "WEB_LANGUAGE";

impl Language {
    pub(crate) fn named(tag: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.tag == tag)
    }

    /// From `WEB_LANGUAGE`; else English.
    ///
    /// # Errors
    /// It is none that the shop is written in.
    pub(crate) fn read(env: &Env) -> anyhow::Result<Self> {
        let Some(given) = env.text(VARIABLE)? else { return Ok(ENGLISH) };
        let known = LANGUAGES.map(|language| language.tag).join(", ");
        Self::named(&given).ok_or_else(|| anyhow::anyhow!("{VARIABLE} is not valid: {given:?} is none of {known}"))
    }
}

impl Default for Language {
    fn default() -> Self {
        ENGLISH
    }
}

/// How amounts of money are written: what CLDR calls the standard pattern, and its symbols of currencies that have one
/// there. Others are written by their code, which keeps a blank from the digits.
pub(super) struct MoneyPattern {
    pub(super) symbol_first: bool,
    /// Between a symbol and the digits; a code has one in any case.
    pub(super) apart: bool,
    pub(super) symbols: &'static [(&'static str, &'static str)],
    /// Whose digits they have: Austria marks thousands of euros by points, and of all else by blanks.
    pub(super) digits_of: &'static str,
}

/// A language as it is written somewhere.
pub(crate) struct Locale {
    pub(crate) tag: &'static str,
    pub(crate) language: Language,
    pub(super) money: MoneyPattern,
}

const WIDELY: &[(&str, &str)] = &[("EUR", "€"), ("USD", "$"), ("GBP", "£"), ("JPY", "¥")];
const BRITISH: &[(&str, &str)] = &[("EUR", "€"), ("USD", "US$"), ("GBP", "£"), ("JPY", "JP¥")];
const SWISS: &[(&str, &str)] = &[("USD", "$"), ("GBP", "£"), ("JPY", "¥")];

/// A language's own is the first of it.
pub(super) static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let pattern = |symbol_first, apart, symbols, digits_of| MoneyPattern { symbol_first, apart, symbols, digits_of };
    vec![
        Locale::of("en", ENGLISH, pattern(true, false, WIDELY, "en")),
        Locale::of("en-GB", ENGLISH, pattern(true, false, BRITISH, "en-GB")),
        Locale::of("de", GERMAN, pattern(false, true, WIDELY, "de")),
        Locale::of("de-AT", GERMAN, pattern(true, true, WIDELY, "de")),
        Locale::of("de-CH", GERMAN, pattern(true, true, SWISS, "de-CH")),
    ]
});

impl Locale {
    fn of(tag: &'static str, language: Language, money: MoneyPattern) -> Self {
        Self { tag, language, money }
    }

    /// The first of a language.
    pub(super) fn main(language: Language) -> &'static Self {
        LOCALES.iter().find(|locale| locale.language == language).unwrap_or(&LOCALES[0])
    }

    pub(super) fn named(tag: &str) -> Option<&'static Self> {
        LOCALES.iter().find(|locale| locale.tag.eq_ignore_ascii_case(tag))
    }
}
