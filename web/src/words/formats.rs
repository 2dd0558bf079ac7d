//! Amounts, numbers and times as the reader's locale writes them, by what Unicode knows of it (CLDR, by ICU4X).

use super::{
    locales::{LOCALES, Locale, MoneyPattern},
    reader::locale,
};
use contracts::Money;
use fluent_bundle::FluentValue;
use icu_datetime::{
    DateTimeFormatter, fieldsets,
    input::{Date, DateTime, Time},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use std::borrow::{Borrow, Cow};
use time::{OffsetDateTime, UtcOffset};

/// What keeps two things on one line.
const NO_BREAK: char = '\u{a0}';

/// How a locale writes things.
struct Formats {
    tag: &'static str,
    number: Option<DecimalFormatter>,
    moment: Option<DateTimeFormatter<fieldsets::YMDT>>,
    day: Option<DateTimeFormatter<fieldsets::YMD>>,
}

thread_local! {
    // Of each thread, since they are shared with no other; a page makes none.
    static FORMATS: Vec<Formats> = LOCALES.iter().map(Formats::of).collect();
}

impl Formats {
    /// What CLDR has for it is in the program: nothing of this fails for our tags, which a test says too.
    fn of(locale: &Locale) -> Self {
        let known = || locale.tag.parse::<icu_locale_core::Locale>().unwrap_or(icu_locale_core::Locale::UNKNOWN);
        Self {
            tag: locale.tag,
            number: DecimalFormatter::try_new(known().into(), Default::default()).ok(),
            moment: DateTimeFormatter::try_new(known().into(), fieldsets::YMD::medium().with_time_hm()).ok(),
            day: DateTimeFormatter::try_new(known().into(), fieldsets::YMD::medium()).ok(),
        }
    }
}

/// By the formats of a locale, where it has them.
fn by<T>(tag: &str, told: impl FnOnce(&Formats) -> Option<T>) -> Option<T> {
    FORMATS.with(|formats| told(formats.iter().find(|formats| formats.tag == tag)?))
}

/// An amount: `€12.50`, `12,50 €`.
pub(crate) fn money(money: &Money) -> String {
    let mut digits = Decimal::from(money.amount.unsigned_abs());
    digits.multiply_pow10(-i16::try_from(money.currency.exponent()).unwrap_or_default());
    let MoneyPattern { symbol_first, apart, symbols, digits_of } = locale().money;
    let digits = written(digits_of, &digits);
    let code = money.currency.code();
    let symbol = symbols.iter().find(|(known, _)| *known == code).map(|(_, symbol)| *symbol);
    let blank = if apart || symbol.is_none() { String::from(NO_BREAK) } else { String::new() };
    let symbol = symbol.unwrap_or(code);
    let sign = if money.amount < 0 { "-" } else { "" };
    if symbol_first { format!("{sign}{symbol}{blank}{digits}") } else { format!("{sign}{digits}{blank}{symbol}") }
}

/// A number: `1,234`, `1.234`.
pub(crate) fn number(number: impl Borrow<i64>) -> String {
    written(locale().tag, &Decimal::from(*number.borrow()))
}

/// A moment to the minute, where it is told to people who may be anywhere: `Jan 2, 2026, 3:04 AM UTC`.
pub(crate) fn moment(moment: &OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let told = by(locale().tag, |formats| {
        let time = Time::try_new(moment.hour(), moment.minute(), moment.second(), 0).ok()?;
        let at = DateTime { date: date(moment)?, time };
        Some(formats.moment.as_ref()?.format(&at).to_string())
    });
    format!("{} UTC", told.unwrap_or_else(|| moment.date().to_string()))
}

/// A day: `Jan 2, 2026`.
pub(crate) fn day(moment: &OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let told = by(locale().tag, |formats| Some(formats.day.as_ref()?.format(&date(moment)?).to_string()));
    told.unwrap_or_else(|| moment.date().to_string())
}

/// A time to wait, rounded up: who comes then comes late enough.
pub(crate) fn span(seconds: u64) -> Cow<'static, str> {
    match seconds {
        0..=90 => t!("span-seconds", count = seconds.max(1)),
        91..=5400 => t!("span-minutes", count = seconds.div_ceil(60)),
        _ => t!("span-hours", count = seconds.div_ceil(3600)),
    }
}

/// What the reader's locale writes between thousands, and before cents.
pub(crate) fn marks() -> (char, char) {
    let mut number = Decimal::from(111_111_u32);
    number.multiply_pow10(-1);
    let written = written(locale().tag, &number);
    let mut marks = written.chars().filter(|sign| !sign.is_ascii_digit());
    (marks.next().unwrap_or(','), marks.next().unwrap_or('.'))
}

fn date(moment: OffsetDateTime) -> Option<Date<icu_calendar::Iso>> {
    Date::try_new_iso(moment.year(), moment.month().into(), moment.day()).ok()
}

fn written(tag: &str, number: &Decimal) -> String {
    by(tag, |formats| Some(formats.number.as_ref()?.format(number).to_string())).unwrap_or_else(|| number.to_string())
}

/// Numbers in messages are printed as elsewhere.
pub(super) fn in_messages<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers are all that is put into messages")]
    let number = number.value as i64;
    Some(self::number(number))
}
