use super::{TextError, line, optional_line, paragraphs};

#[test]
fn what_people_write_in_their_own_scripts_is_a_line() {
    for good in [
        "Ada",
        "Núñez-O’Connor",
        "李小龍",
        // An ideograph in the form its bearer uses (an ideographic variation sequence).
        "\u{8FBB}\u{E0100}",
        // Persian: the joiner keeps two letters apart.
        "\u{0639}\u{0644}\u{06CC}\u{200C}\u{0631}\u{0636}\u{0627}",
        "\u{0645}\u{064F}\u{062D}\u{064E}\u{0645}\u{064E}\u{0651}\u{062F}",
        // Devanagari, with a virama and with a joiner after one.
        "\u{0905}\u{0930}\u{094D}\u{091C}\u{0941}\u{0928}",
        "\u{0930}\u{094D}\u{200D}\u{092F}",
        // Bengali: the joiner stands before the virama. Malayalam: it ends the word.
        "\u{09B0}\u{200D}\u{09CD}\u{09AF}\u{09BE}\u{09AC}",
        "\u{0D2E}\u{0D4B}\u{0D39}\u{0D28}\u{0D4D}\u{200D}",
        "ไพลิน",
        "Nguyễn Thị Ánh",
        "שָׁלוֹם",
        "ᠮᠣᠩᠭᠣᠯ",
        "No. 5 / 2nd floor (rear), c/o Smith & Sons",
        "Mug ☕\u{FE0F}",
        "\u{1F469}\u{1F3FD}\u{200D}\u{1F52C}",
        "\u{2764}\u{FE0F}\u{200D}\u{1F525}",
        "½ pound",
    ] {
        assert_eq!(line(good, 200).as_deref(), Ok(good), "{good}");
    }
}

#[test]
fn a_text_that_shows_nothing_is_no_line() {
    for hidden in [
        "\u{200B}",
        "\u{FEFF}",
        "\u{2060}",
        "\u{00AD}",
        "\u{3164}",
        "\u{115F}",
        "\u{1160}",
        "\u{FFA0}",
        "\u{2800}",
        "\u{E0041}\u{E007F}",
        "\u{FE0F}",
        "\u{E0101}",
        "\u{180B}",
        "\u{180E}",
        "\u{200C}",
        "\u{200D}",
        "\u{034F}",
        "\u{202E}",
        "\u{2066}",
        "\u{200F}",
        "\u{061C}",
        "\u{17B5}",
        "\u{2063}",
        "\u{FFF9}",
        "\u{E000}",
        "\u{FFFF}",
        "\u{1D159}",
        "\u{FFFC}",
        "\u{13441}",
        "\u{10FFFD}",
        "\u{0378}",
        "\u{1D173}",
        "\u{1BCA0}",
    ] {
        for text in [hidden.to_owned(), format!(" {hidden} "), format!("A{hidden}{hidden}B")] {
            assert!(matches!(line(&text, 100), Err(TextError::ShowsNothing(_))), "{}", text.escape_unicode());
            assert!(matches!(optional_line(Some(&text), 100), Err(TextError::ShowsNothing(_))));
            assert!(matches!(paragraphs(&text, 100), Err(TextError::ShowsNothing(_))));
        }
    }
    for blank in ["", " ", "\u{00A0}", "\u{3000}\u{2003}", "\t\r\n"] {
        assert_eq!(line(blank, 100), Err(TextError::NotOneLine { most: 100 }), "{}", blank.escape_unicode());
        assert_eq!(optional_line(Some(blank), 100), Ok(None));
    }
}

#[test]
fn an_accent_needs_a_letter_and_a_letter_does_not_bear_a_heap_of_them() {
    for loose in ["\u{0301}", "A \u{0301}", "\u{0651}", "\u{20DD}", "\u{093E}"] {
        assert!(matches!(line(loose, 100), Err(TextError::LooseMark(_))), "{}", loose.escape_unicode());
    }
    assert!(matches!(line(&format!("h{}", "\u{0335}".repeat(20)), 100), Err(TextError::LooseMark(_))));
}

#[test]
fn whatever_breaks_a_line_makes_two() {
    for end in ['\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}', '\t', '\0', '\u{1B}', '\u{9B}'] {
        let text = format!("one{end}two");
        assert_eq!(line(&text, 100), Err(TextError::NotOneLine { most: 100 }), "{}", text.escape_unicode());
        assert_eq!(optional_line(Some(&text), 9), Err(TextError::NotOneOptionalLine { most: 9 }));
    }
    // At the end of a line, too, where only what keyboards and shells leave there is taken away.
    assert!(line("one\u{2028}", 100).is_err() && line("one\u{B}", 100).is_err());
    assert_eq!(line("  one\r\n", 100).as_deref(), Ok("one"));
}

#[test]
fn one_text_has_one_spelling() {
    assert_eq!(line("Nu\u{0301}n\u{0303}ez", 100).as_deref(), Ok("N\u{FA}\u{F1}ez"));
    assert_eq!(line("\u{212B}ngstr\u{F6}m", 100).as_deref(), Ok("\u{C5}ngstr\u{F6}m"));
    assert_eq!(line("\u{1112}\u{1161}\u{11AB}", 1).as_deref(), Ok("\u{D55C}"));
    // The width of a character is the writer's own.
    assert_eq!(line("\u{FF21}", 100).as_deref(), Ok("\u{FF21}"));
}

#[test]
fn length_is_counted_in_characters() {
    assert!(line(&"ж".repeat(100), 100).is_ok());
    assert_eq!(line(&"ж".repeat(101), 100), Err(TextError::NotOneLine { most: 100 }));
}

#[test]
fn a_text_of_several_lines_keeps_them() {
    assert_eq!(
        paragraphs(" Holds tea.\r\n\r\n\tDishwasher safe. ", 100).as_deref(),
        Ok("Holds tea.\r\n\r\n\tDishwasher safe.")
    );
    assert_eq!(paragraphs("", 100).as_deref(), Ok(""));
    for bad in ["a\0b", "a\u{2028}b", "a\u{B}b", "a\u{1B}[31mb"] {
        assert_eq!(paragraphs(bad, 100), Err(TextError::NotParagraphs { most: 100 }), "{}", bad.escape_unicode());
    }
    assert!(paragraphs("abc", 2).is_err());
}

#[test]
fn the_reason_names_the_character_by_its_number_and_does_not_repeat_it() {
    let why = line("Ada\u{200B}", 100).unwrap_err().to_string();
    assert_eq!(why, "holds a character that shows nothing (U+200B): leave it out");
    let why = line("\u{0301}", 100).unwrap_err().to_string();
    assert!(why.contains("(U+0301)") && !why.contains('\u{0301}'), "{why}");
}
