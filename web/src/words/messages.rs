//! Messages (Project Fluent): what a key says, with what is put into it. What a language lacks is said in English, and a
//! test fails before that is seen.

use super::{
    formats,
    locales::{ENGLISH, LANGUAGES, LOCALES, Language, Locale},
    reader::locale,
};
use contracts::Quantity;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

type Bundle = FluentBundle<Arc<FluentResource>>;

/// Each file once, however many locales say it.
static RESOURCES: LazyLock<BTreeMap<&'static str, Vec<Arc<FluentResource>>>> = LazyLock::new(|| {
    let read = |text: &&str| {
        // What of a file can be read is taken; a test says that all of it can.
        FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(readable, _)| readable)
    };
    let of = |language: Language| language.messages.iter().map(|text| Arc::new(read(text))).collect();
    LANGUAGES.into_iter().map(|language| (language.tag, of(language))).collect()
});

/// Of each locale.
static BUNDLES: LazyLock<Vec<(&'static str, Bundle)>> =
    LazyLock::new(|| LOCALES.iter().map(|locale| (locale.tag, bundle(locale.tag, locale.language))).collect());

fn bundle(tag: &'static str, language: Language) -> Bundle {
    // The tags are ours, and are tags.
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    // All our languages are written in one direction: no mark is needed around what is put into a sentence.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formats::in_messages));
    for resource in RESOURCES.get(language.tag).into_iter().flatten() {
        // The first of a name stays; a test says that there is no second.
        let _ = bundle.add_resource(Arc::clone(resource));
    }
    bundle
}

/// What can be put into a message. A number chooses between singular and plural, and is printed for the locale.
pub(crate) trait Argument {
    fn of(&self) -> FluentValue<'_>;
}

macro_rules! arguments {
    ($($kind:ty: |$value:ident| $argument:expr),+ $(,)?) => {
        $(impl Argument for $kind {
            fn of(&self) -> FluentValue<'_> {
                let $value = self;
                $argument
            }
        })+
    };
}

arguments! {
    str: |text| FluentValue::from(text),
    String: |text| FluentValue::from(text.as_str()),
    Cow<'_, str>: |text| FluentValue::from(&**text),
    i64: |number| FluentValue::from(*number),
    u64: |number| FluentValue::from(*number),
    i32: |number| FluentValue::from(*number),
    usize: |number| FluentValue::from(*number),
    Quantity: |quantity| FluentValue::from(quantity.get()),
}

impl<T: Argument + ?Sized> Argument for &T {
    fn of(&self) -> FluentValue<'_> {
        T::of(self)
    }
}

/// By way of `t!`.
pub(crate) fn said(key: &'static str, arguments: &[(&'static str, FluentValue<'_>)]) -> Cow<'static, str> {
    said_in(locale(), key, arguments).or_else(|| said_in(Locale::main(ENGLISH), key, arguments)).unwrap_or_else(|| {
        tracing::error!(key, "a page has no words for something");
        Cow::Borrowed(key)
    })
}

pub(super) fn said_in(
    locale: &'static Locale,
    key: &str,
    arguments: &[(&'static str, FluentValue<'_>)],
) -> Option<Cow<'static, str>> {
    let (_, bundle) = BUNDLES.iter().find(|(tag, _)| *tag == locale.tag)?;
    let pattern = bundle.get_message(key)?.value()?;
    let mut problems = Vec::new();
    let arguments = (!arguments.is_empty()).then(|| arguments.iter().cloned().collect::<FluentArgs<'_>>());
    let said = bundle.format_pattern(pattern, arguments.as_ref(), &mut problems);
    problems.is_empty().then_some(said)
}
