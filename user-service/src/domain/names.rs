//! Names and other short texts of a person.

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};
use service_kit::text::{self, TextError};

/// A first or last name: 1 to 100 characters on one line, such as people are called by anywhere in the world. What else
/// is typed into the field of a name (an address to open, an amount to win) would be read by whoever gets our mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(
        "is not taken for a name: expected letters, between them spaces, apostrophes, hyphens and dots, such as \
         Mary-Jane O'Connor Jr."
    )]
    NoName,
}

impl Name {
    pub(crate) fn parse(text: &str) -> Result<Self, NameError> {
        let name = text::line(text, 100)?;
        let of = |group: GeneralCategoryGroup| name.chars().filter(|char| group.contains(category(*char))).count();
        // Jennifer 8. Lee and William the 3rd have one digit; telephone numbers and prices have more.
        let named = of(GeneralCategoryGroup::Letter) > 0 && of(GeneralCategoryGroup::DecimalNumber) <= 1;
        if named && name.chars().all(belongs) && !reads_as_host(&name) {
            Ok(Self(name))
        } else {
            Err(NameError::NoName)
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Between the letters of a name: the apostrophes and what is typed for them, Hebrew's and Armenian's own, the dots and
/// commas of initials and titles, the middle dots of Catalan, Chinese and Japanese (and its double hyphen), what parts
/// syllables in Tibetan and words in Ethiopic, and `&` for two.
const SIGNS: [char; 20] = [
    '\'', '\u{2018}', '\u{2019}', '`', '\u{B4}', '\u{2032}', '\u{55A}', '\u{5F3}', '\u{5F4}', '.', ',', '\u{60C}',
    '\u{B7}', '\u{2027}', '\u{30FB}', '\u{FF65}', '\u{FF1D}', '\u{F0B}', '\u{1361}', '&',
];

fn belongs(char: char) -> bool {
    const GROUPS: GeneralCategoryGroup = GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Mark)
        .union(GeneralCategoryGroup::DashPunctuation)
        .union(GeneralCategoryGroup::SpaceSeparator)
        .union(GeneralCategoryGroup::DecimalNumber)
        .union(GeneralCategoryGroup::LetterNumber)
        // Of these a line has none but joiners, where they join letters.
        .union(GeneralCategoryGroup::Format);
    GROUPS.contains(category(char)) || SIGNS.contains(&char)
}

fn category(char: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(char)
}

/// Whether a mail program would make a link of it: `evil.example`. Initials and titles before a capital letter or a
/// letter without case are none: `J.P.Morgan`, `Md.Rahman`.
fn reads_as_host(name: &str) -> bool {
    name.split_whitespace().any(|word| {
        let labels: Vec<&str> = word.split('.').collect();
        labels.windows(2).any(|pair| {
            let [before, after] = pair else { return false };
            let Some(next) = after.chars().next().filter(|next| next.is_alphanumeric()) else { return false };
            let short = (1..=3).contains(&before.chars().count()) && !before.starts_with(char::is_lowercase);
            !before.is_empty() && (next.is_lowercase() || !short)
        })
    })
}

/// A text that may be left out: up to 300 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OptionalText(Option<String>);

impl OptionalText {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, TextError> {
        text::optional_line(text, 300).map(Self)
    }

    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, NameError, OptionalText};

    #[test]
    fn names_of_the_world_are_names() {
        for name in [
            "O'Connor",
            "O’Connor",
            "D`Angelo",
            "D´Arcy",
            "Núñez",
            "李",
            "Jean-Luc",
            "van der Berg",
            "Mary Jr.",
            "Ó Súilleabháin",
            "Þórðardóttir",
            "Müller-Lüdenscheidt",
            "Nguyễn",
            "Wałęsa",
            "Çelik",
            "Đặng",
            "Иванова-Петрова",
            "Παπαδόπουλος",
            "Օհանյան",
            "გამსახურდია",
            "שלמה",
            "צ'רצ'יל",
            "ג׳ורג׳",
            "عبد الرحمن",
            "م. أحمد",
            // Persian, with the joiner that keeps letters apart; Arabic, with its vowels.
            "\u{0639}\u{0644}\u{06CC}\u{200C}\u{0631}\u{0636}\u{0627}",
            "\u{0645}\u{064F}\u{062D}\u{064E}\u{0645}\u{064E}\u{0651}\u{062F}",
            // Devanagari, Bengali, Tamil, Sinhala, Malayalam, with viramas and joiners.
            "अर्जुन",
            "\u{0930}\u{094D}\u{200D}\u{092F}",
            "চট্টোপাধ্যায়",
            "மு. கருணாநிதி",
            "\u{0DC1}\u{0DCA}\u{200D}\u{0DBB}\u{0DD3}",
            "\u{0D2E}\u{0D4B}\u{0D39}\u{0D28}\u{0D4D}\u{200D}",
            "ไพลิน",
            "ເພັດ",
            "ကျော်",
            "សុខា",
            "བསྟན་འཛིན",
            "김민준",
            "ジャン・リュック",
            "\u{8FBB}\u{E0100}",
            "ʻIolani",
            "N\u{01C3}xau",
            "J.R.R.",
            "J. R. R.",
            "J.P.Morgan",
            "Md.Rahman",
            "St.John",
            "Ph.D.",
            "Smith, Jr.",
            "Jennifer 8.",
            "Gates 3rd",
            "Henri Ⅳ",
            "Gal·la",
            "Anna & Tom",
            "Ōe",
            "Nu\u{0301}n\u{0303}ez",
            "O",
            "M'Bappé",
            "al-Ḥusayn",
            "Pablo Diego José Francisco de Paula Juan Nepomuceno",
        ] {
            assert!(Name::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_mailed_as_one() {
        for text in [
            "Win 500 EUR https://evil.example",
            "https://evil.example",
            "evil.example",
            "www.evil.example",
            "Evil.Example",
            "EVIL.EXAMPLE",
            "t.me",
            "x.com",
            "paypal.com.evil",
            "Ada@example.com",
            "＠ada",
            "evil/win",
            "evil\\win",
            "Win 500 EUR",
            "Win 50 now",
            "€uro",
            "5$",
            "100%",
            "+49 151",
            "call 0151",
            "٥٠٠ ريال",
            "５００円",
            "<b>Ada</b>",
            "Ada; DROP TABLE",
            "Ada (buy!)",
            "#win",
            "win!",
            "?",
            "You won: money",
            "Ada_L",
            "Ada|Eve",
            "Ada=1",
            "{{name}}",
            "[Ada]",
            "\"Ada\"",
            "★ Ada ★",
            "Ada 💰",
            "-",
            "...",
            "'",
            "8",
            "\u{0661}",
            "ℵ€",
            "Ada\u{2024}com/x",
            "evil。example/x",
        ] {
            assert_eq!(Name::parse(text), Err(NameError::NoName), "{text}");
        }
        for text in [
            "",
            " ",
            "Love\nlace",
            "Ada\u{2028}Win",
            "Ada\u{85}",
            "Ada\u{B}",
            "\u{200B}",
            "\u{3164}",
            "\u{2800}",
            "A\u{202E}da",
            "\u{0301}",
            "\u{E0041}",
            "Ada\u{200D}Eve",
            &"x".repeat(101),
        ] {
            assert!(matches!(Name::parse(text), Err(NameError::Text(_))), "{}", text.escape_unicode());
        }
    }

    #[test]
    fn a_text_that_is_left_out_may_be_blank_but_not_hidden() {
        assert_eq!(OptionalText::parse(None), Ok(OptionalText(None)));
        assert_eq!(OptionalText::parse(Some(" ")), Ok(OptionalText(None)));
        assert_eq!(OptionalText::parse(Some(" +49 30 1234567 ")).unwrap().as_deref(), Some("+49 30 1234567"));
        for hidden in ["\u{200B}", "\u{3164}", "\u{FE0F}", "1 Road\u{2029}"] {
            assert!(OptionalText::parse(Some(hidden)).is_err(), "{}", hidden.escape_unicode());
        }
    }
}
