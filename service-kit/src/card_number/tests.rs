use super::{NETWORKS, digit, has_check_digit, refuse};
use proptest::prelude::*;

/// Numbers that the networks give for tests, and one of each shape that is none of theirs.
const CARDS: [&str; 20] = [
    "4242424242424242",
    "4222222222222",
    "4111111111111111",
    "4012888888881881",
    "5555555555554444",
    "2223003122003222",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "30569309025904",
    "38520000023237",
    "36227206271667",
    "3530111333300000",
    "3566002020360505",
    "6011111111111117",
    "6011000990139424",
    "6200000000000005",
    "6205500000000000004",
    "6759649826438453",
    "135410014004955",
];

#[test]
fn card_numbers_are_found_however_they_are_spelled() {
    for card in CARDS {
        for text in [
            card.to_owned(),
            spread(card, 4, " "),
            spread(card, 4, "-"),
            spread(card, 4, "x"),
            spread(card, 4, "_"),
            spread(card, 4, " - "),
            spread(card, 4, "\u{2013}"),
            spread(card, 4, "\u{2212}"),
            spread(card, 4, "\u{2011}"),
            spread(card, 4, "\u{A0}"),
            spread(card, 4, "\u{3000}"),
            spread(card, 4, "X"),
            spread(card, 4, "\u{D7}"),
            spread(card, 1, " "),
            spread(card, 3, "-"),
            spread(card, 4, "\u{200B}"),
            spread(card, 4, "\u{AD}"),
            spread(card, 1, "\u{FE0F}\u{20E3}"),
            in_script(card, '\u{FF10}'),
            in_script(card, '\u{0660}'),
            in_script(card, '\u{06F0}'),
            in_script(card, '\u{0966}'),
            in_script(card, '\u{0E50}'),
            in_script(card, '\u{1D7CE}'),
            in_script(card, '\u{1D7F6}'),
            spread(&in_script(card, '\u{09E6}'), 4, "\u{30FC}").replace('\u{30FC}', "\u{FF0D}"),
            card.replace('2', "\u{B2}").replace('4', "\u{2463}"),
            format!("card_{card}"),
            format!("Visa:{card}."),
            format!("c/o Ada, {card} 12/29 123"),
            format!("No. 7 {card} b"),
            format!("12 {}", spread(card, 4, " ")),
            format!("{} 123", spread(card, 4, " ")),
            format!("Road 1\n{card}"),
            format!("+{}", if card.len() == 13 { "0 4222222222222" } else { card }),
        ] {
            assert!(refuse(&text).is_err(), "{text}");
        }
    }
}

#[test]
fn what_is_no_card_number_is_let_through() {
    for text in [
        "",
        "221B Baker Street",
        "12 St James's Square, SW1Y 4JH",
        "4242424242424241",
        "4242 4242",
        "424242424242",
        "9999999999999995",
        "0000000000000000",
        "1234567890123456",
        "4242\n424242424242",
        // Not one number: two signs, a letter, a comma between.
        "4242  4242  4242  4242",
        "4242a4242a4242a4242",
        "4242, 4242, 4242, 4242",
        "4242--424242424242",
        // Longer than any card.
        "42424242424242424242",
        "DE89 3704 0044 0532 0130 00",
        "00340123450000000018",
        // Telephone numbers and barcodes of thirteen digits.
        "+4915123456789",
        "+49 1512 34567893",
        "4006381333931",
        "4 006381 333931",
        "5901234123457",
        "5012345678900",
        "GLN 4012345000009",
        "49 10115 Berlin",
        "Packstation 145, Postnummer 12345678",
    ] {
        assert!(refuse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_digit_of_any_script_has_its_value() {
    for zero in ['0', '\u{0660}', '\u{06F0}', '\u{0966}', '\u{0E50}', '\u{FF10}', '\u{1D7CE}', '\u{1D7D8}', '\u{1D7F6}']
    {
        for value in 0..10 {
            let letter = char::from_u32(u32::from(zero) + value).unwrap();
            assert_eq!(digit(letter).map(u32::from), Some(value), "{letter}");
        }
    }
    assert_eq!(digit('x'), None);
}

proptest! {
    /// Of every network and length, spelled by chance and anywhere in a text.
    #[test]
    fn no_number_of_a_network_gets_through(
        network in 0..NETWORKS.len(), prefix: u32, length: prop::sample::Index,
        rest in proptest::collection::vec(0_u8..10, 19), signs in proptest::collection::vec(0..9_usize, 19),
        before in "[a-zA-Z ,.]{0,12}", after in "[a-wyzA-Z ,.]{0,12}",
    ) {
        let (first, last, lengths) = NETWORKS[network];
        let length = *length.get(lengths);
        prop_assume!(length > 13);
        let prefix = first + prefix % (last - first + 1);
        let mut digits: Vec<u8> = format!("{prefix:06}").bytes().map(|digit| digit - b'0').collect();
        digits.extend(rest.iter().take(length - 7));
        digits.push(0);
        while !has_check_digit(&digits) {
            *digits.last_mut().unwrap() += 1;
        }
        let signs = signs.into_iter().map(|sign| ["", "", "", "", "", " ", "-", "x", "\u{2014}"][sign]);
        let number: String = digits.iter().zip(signs).map(|(digit, sign)| format!("{digit}{sign}")).collect();
        prop_assert!(refuse(&format!("{before}{number}{after}")).is_err(), "{}{}{}", before, number, after);
    }

    #[test]
    fn a_text_with_fewer_than_thirteen_digits_is_let_through(text in "[a-z ,.-]{0,9}([0-9][a-z ,.-]{0,3}){0,12}") {
        prop_assert!(refuse(&text).is_ok());
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,60}") {
        let _ = refuse(&text);
    }
}

/// What people really write, a thousand of it, by a generator that gives the same each time. What is refused of it all is
/// written here, one by one.
#[test]
fn of_a_thousand_addresses_telephone_numbers_and_barcodes_hardly_any_is_taken_for_a_card() {
    let mut dice = Dice(20_261_128);
    let mut refused = Vec::new();
    for kind in KINDS {
        for _ in 0..1000 / KINDS.len() {
            let text = kind(&mut dice);
            if refuse(&text).is_err() {
                refused.push(text);
            }
        }
    }
    // The barcode of a case of goods that has a prefix of Diners Club and their check digit, too.
    assert_eq!(refused, ["36993983468996"]);
}

#[test]
fn keys_made_by_chance_are_not_taken_for_cards() {
    for number in 0..10_000_u128 {
        // Spread over all UUIDs of version 4 and 7 (multiplied by a prime that is far from any pattern).
        let bits = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let key = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string();
        assert!(!super::is_one(&key), "{key}");
        assert!(!super::is_one(&format!("order-{}", 1_764_338_400_000 + number)));
        assert!(!super::is_one(&(1_764_338_400_000 + number).to_string()));
    }
    assert!(super::is_one("4242424242424242") && super::is_one("4242-4242-4242-4242"));
}

struct Dice(u64);

impl Dice {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    fn one(&mut self, of: &[&str]) -> String {
        let index = usize::try_from(self.below(of.len() as u64)).unwrap();
        of[index].to_owned()
    }

    fn barcode(&mut self, length: usize) -> String {
        let body = self.digits(length - 1);
        let sum: u32 =
            body.bytes().rev().enumerate().map(|(index, byte)| u32::from(byte - b'0') * [3, 1][index % 2]).sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }
}

type Kind = fn(&mut Dice) -> String;

const KINDS: [Kind; 10] = [
    // Addresses: European, American, Japanese, with flats, boxes and a telephone number for the courier.
    |dice| {
        let street =
            dice.one(&["Hauptstraße", "Rue de la Paix", "Via Roma", "Calle Mayor", "Keizersgracht", "ул. Ленина"]);
        format!("{street} {}, {} {}", dice.below(400), dice.digits(5), dice.one(&["Berlin", "Paris", "Roma", "Madrid"]))
    },
    |dice| {
        format!(
            "{} {} St Apt {}, TX {}-{}",
            dice.below(20_000),
            dice.one(&["N Main", "Oak", "5th"]),
            dice.below(3000),
            dice.digits(5),
            dice.digits(4)
        )
    },
    |dice| {
        format!(
            "{}-{}-{} {} 〒{}-{}",
            dice.below(9),
            dice.below(30),
            dice.below(30),
            dice.below(2000),
            dice.digits(3),
            dice.digits(4)
        )
    },
    |dice| {
        format!(
            "Packstation {}, Postnummer {}, Tel. 0{} {}",
            dice.digits(3),
            dice.digits(10),
            dice.digits(3),
            dice.digits(7)
        )
    },
    // Telephone numbers, national and international.
    |dice| {
        format!(
            "+{} {} {}",
            dice.one(&["1", "33", "44", "49", "52", "55", "62", "81", "86", "91"]),
            dice.digits(3),
            dice.digits(7)
        )
    },
    |dice| format!("+49 15{} {}", dice.digits(2), dice.digits(8)),
    |dice| format!("(0{}) {}-{} ext. {}", dice.digits(3), dice.digits(3), dice.digits(4), dice.digits(3)),
    // Barcodes.
    |dice| format!("EAN {}", dice.barcode(13)),
    |dice| {
        // Of German and British goods, which begin as some cards do.
        let body = format!("{}{}", dice.one(&["40", "43", "50"]), dice.digits(10));
        let sum: u32 =
            body.bytes().rev().enumerate().map(|(index, byte)| u32::from(byte - b'0') * [3, 1][index % 2]).sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    },
    |dice| dice.barcode(14),
];

fn spread(card: &str, size: usize, sign: &str) -> String {
    let letters: Vec<char> = card.chars().collect();
    letters.chunks(size).map(|group| group.iter().collect()).collect::<Vec<String>>().join(sign)
}

fn in_script(card: &str, zero: char) -> String {
    card.chars().map(|digit| char::from_u32(u32::from(zero) + digit.to_digit(10).unwrap()).unwrap()).collect()
}
