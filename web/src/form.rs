//! A form with labelled fields, and how it is shown again: what is wrong stands beside its field, all of it once more
//! on top with links, and what was typed is kept, except passwords. What is valid is said by the service.

use crate::{
    layout,
    refusal::Refusal,
    words::{self, Sentence},
};
use askama::Template;
use axum::response::Response;
use contracts::api::passkey::PasskeyQuestionView;
use http::StatusCode;
use std::borrow::Cow;

/// What stands on a page: written here, or made for the reader.
type Text = Cow<'static, str>;

/// One input with its label.
pub(crate) struct Field {
    name: &'static str,
    label: Text,
    kind: &'static str,
    autocomplete: &'static str,
    /// Of which one is chosen: what is sent, and its words.
    options: Vec<(Text, Text)>,
    hint: Option<Text>,
    pattern: Option<&'static str>,
    /// Which keys a phone shows.
    keys: Option<&'static str>,
    required: bool,
    /// Of a box: anything, if it is ticked.
    value: String,
    /// A refusal that is about this field without saying so.
    code: Option<&'static str>,
    trouble: Option<Sentence>,
    /// What somebody else made it meanwhile.
    stored: Option<String>,
    folds: Option<Fold>,
}

/// Fields that are shown when somebody opens them, without a script too.
struct Fold {
    summary: Text,
    is_open: bool,
}

impl Field {
    fn of(kind: &'static str, name: &'static str, label: impl Into<Text>, autocomplete: &'static str) -> Self {
        Self {
            name,
            label: label.into(),
            kind,
            autocomplete,
            options: Vec::new(),
            hint: None,
            pattern: None,
            keys: None,
            required: true,
            value: String::new(),
            code: None,
            trouble: None,
            stored: None,
            folds: None,
        }
    }

    pub(crate) fn text(name: &'static str, label: impl Into<Text>, autocomplete: &'static str) -> Self {
        Self::of("text", name, label, autocomplete)
    }

    pub(crate) fn email(label: impl Into<Text>, autocomplete: &'static str) -> Self {
        Self::of("email", "email", label, autocomplete)
    }

    pub(crate) fn phone(label: impl Into<Text>) -> Self {
        Self::of("tel", "phone", label, "tel")
    }

    /// Of a second factor: it is good for one time, and not shown again.
    pub(crate) fn code(hint: impl Into<Text>) -> Self {
        Self::text("code", t!("form-code"), "one-time-code").hint(hint).refused_by("wrong_code")
    }

    /// One of several.
    pub(crate) fn choice<V: Into<Text>, W: Into<Text>>(
        name: &'static str,
        label: impl Into<Text>,
        choices: impl IntoIterator<Item = (V, W)>,
    ) -> Self {
        let options = choices.into_iter().map(|(value, words)| (value.into(), words.into())).collect();
        Self { options, ..Self::of("radio", name, label, "off") }
    }

    /// Lines of text.
    pub(crate) fn lines(name: &'static str, label: impl Into<Text>) -> Self {
        Self::of("lines", name, label, "off")
    }

    /// One of a list.
    pub(crate) fn one_of(name: &'static str, label: impl Into<Text>, options: Vec<(String, String)>) -> Self {
        let options = options.into_iter().map(|(value, words)| (value.into(), words.into())).collect();
        Self { options, ..Self::of("list", name, label, "off") }
    }

    /// A box to tick.
    pub(crate) fn tick(name: &'static str, label: impl Into<Text>) -> Self {
        Self::of("checkbox", name, label, "off")
    }

    /// May be left out.
    pub(crate) fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// For an amount or a number.
    pub(crate) fn keys(mut self, keys: &'static str) -> Self {
        self.keys = Some(keys);
        self
    }

    /// A refusal with this code is about it.
    pub(crate) fn refused_by(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Never shown again: it has no way to be given a value.
    pub(crate) fn password(name: &'static str, label: impl Into<Text>) -> Secret {
        Secret(Self::of("password", name, label, "current-password"))
    }

    /// One that is chosen here.
    pub(crate) fn new_password(name: &'static str, label: impl Into<Text>) -> Secret {
        let mut field = Self::of("password", name, label, "new-password");
        field.hint = Some(t!("form-new-password-hint"));
        Secret(field)
    }

    pub(crate) fn typed(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// What is stored by now, where it is something else than what was typed.
    pub(crate) fn beside(self, stored: &str) -> Self {
        let differs = stored.trim().replace("\r\n", "\n") != self.value.trim().replace("\r\n", "\n");
        Self { stored: differs.then(|| stored.to_owned()), ..self }
    }

    pub(crate) fn ticked(self, ticked: bool) -> Self {
        self.typed(if ticked { "yes" } else { "" })
    }

    /// Whether a keyboard that helps with words would spoil it.
    fn is_exact(&self) -> bool {
        matches!(self.kind, "email" | "password") || self.autocomplete == "one-time-code"
    }

    /// What it is described by, for programs that read pages aloud.
    fn described_by(&self, form: &str) -> Option<String> {
        let parts =
            [(self.hint.is_some(), "hint"), (self.stored.is_some(), "stored"), (self.trouble.is_some(), "trouble")];
        let ids = parts.iter().filter(|(is, _)| *is).map(|(_, part)| format!("{form}-{}-{part}", self.name));
        Some(ids.collect::<Vec<_>>().join(" ")).filter(|ids| !ids.is_empty())
    }
}

/// A field for a password.
pub(crate) struct Secret(Field);

impl Secret {
    /// A refusal with this code is about it.
    pub(crate) fn refused_by(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    /// What helps to fill it in.
    pub(crate) fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
}

impl From<Secret> for Field {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

/// With its inputs and its button.
#[derive(Template)]
#[template(path = "account/form_fields.html")]
pub(crate) struct Form {
    /// Its fields' ids begin with it.
    name: &'static str,
    action: Text,
    button: Text,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    /// Begins with the next field.
    fold: Option<Fold>,
    /// Behind these places something folded ends.
    unfolded: Vec<usize>,
    passkey: Option<AskedPasskey>,
    /// Where the same is done another way.
    instead: Option<(Text, Text)>,
}

/// What a script asks the browser before the form is sent.
struct AskedPasskey {
    /// `create` or `get`, of `navigator.credentials`.
    act: &'static str,
    token: String,
    /// JSON.
    options: String,
}

impl Form {
    pub(crate) fn new(name: &'static str, action: impl Into<Text>, button: impl Into<Text>) -> Self {
        let (hidden, fields, unfolded) = (Vec::new(), Vec::new(), Vec::new());
        let (action, button) = (action.into(), button.into());
        Self { name, action, button, hidden, fields, fold: None, unfolded, passkey: None, instead: None }
    }

    pub(crate) fn with(mut self, field: impl Into<Field>) -> Self {
        let mut field = field.into();
        field.folds = self.fold.take();
        self.fields.push(field);
        self
    }

    /// What follows is folded away under these words, unless it is to be seen at once or something of the form was refused.
    pub(crate) fn folding(self, summary: impl Into<Text>, is_open: bool) -> Self {
        Self { fold: Some(Fold { summary: summary.into(), is_open }), ..self }
    }

    /// Up to here.
    pub(crate) fn unfolding(mut self) -> Self {
        self.unfolded.push(self.fields.len());
        self
    }

    pub(crate) fn hidden(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push((name, value.to_owned()));
        self
    }

    /// Its button asks for a passkey; what the browser gives is sent as `credential`, with the question's `token`.
    pub(crate) fn asking_for_passkey(self, question: PasskeyQuestionView) -> Self {
        self.asking("get", question)
    }

    /// Its button has one made.
    pub(crate) fn making_passkey(self, question: PasskeyQuestionView) -> Self {
        self.asking("create", question)
    }

    fn asking(self, act: &'static str, PasskeyQuestionView { token, options }: PasskeyQuestionView) -> Self {
        Self { passkey: Some(AskedPasskey { act, token, options: options.to_string() }), ..self }
    }

    pub(crate) fn asks_for_passkey(&self) -> bool {
        self.passkey.is_some()
    }

    /// A second button, which leads to where the same is done another way.
    pub(crate) fn or(self, address: impl Into<Text>, text: impl Into<Text>) -> Self {
        Self { instead: Some((address.into(), text.into())), ..self }
    }

    fn unfolds_behind(&self, place: &usize) -> bool {
        self.unfolded.contains(place)
    }

    /// Whether something of it was refused.
    pub(crate) fn is_wrong(&self) -> bool {
        self.fields.iter().any(|field| field.trouble.is_some())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Puts beside its fields what a refusal says of them, and tells all of it.
    pub(crate) fn refused(&mut self, refusal: &Refusal) -> Trouble {
        let mut items = Vec::new();
        for wrong in &refusal.fields {
            match self.fields.iter_mut().find(|field| field.name == wrong.name()) {
                Some(field) => {
                    let text = words::of_field(&field.label, &wrong.detail);
                    items.push((Some(format!("{}-{}", self.name, field.name)), text.clone()));
                    field.trouble = Some(text);
                }
                None => items.push((None, Sentence::english(wrong.sentence()))),
            }
        }
        let meant = self.fields.iter_mut().find(|field| field.code == Some(&*refusal.code));
        if let Some(field) = meant {
            items.push((Some(format!("{}-{}", self.name, field.name)), refusal.text.clone()));
            field.trouble = Some(refusal.text.clone());
        }
        let text = items.is_empty().then(|| refusal.text.clone());
        Trouble { text, items }
    }
}

/// What stands on top of a page that is shown again.
#[derive(Template)]
#[template(path = "account/trouble.html")]
pub(crate) struct Trouble {
    text: Option<Sentence>,
    /// With the id of the field each is about.
    items: Vec<(Option<String>, Sentence)>,
}

impl Trouble {
    /// All of it, on a page whose fields are not ours to mark.
    pub(crate) fn saying_all(refusal: &Refusal) -> Self {
        let items = refusal.fields.iter().map(|wrong| (None, Sentence::english(wrong.sentence()))).collect::<Vec<_>>();
        let text = items.is_empty().then(|| refusal.text.clone());
        Self { text, items }
    }

    /// That and nothing of fields.
    pub(crate) fn saying(refusal: &Refusal) -> Self {
        Self::of(refusal.text.clone())
    }

    /// The same in words of ours.
    pub(crate) fn of(text: impl Into<Sentence>) -> Self {
        Self { text: Some(text.into()), items: Vec::new() }
    }

    /// About the field with this id.
    pub(crate) fn at(field: &str, text: impl Into<Sentence>) -> Self {
        Self { text: None, items: vec![(Some(field.to_owned()), text.into())] }
    }
}

/// A page that is one form.
#[derive(Template)]
#[template(path = "account/form.html")]
pub(crate) struct FormPage {
    title: Text,
    lead: Text,
    form: Form,
    /// Where else one may want to go.
    ways: Vec<(Text, Text)>,
    trouble: Option<Trouble>,
}

impl FormPage {
    pub(crate) fn new(title: impl Into<Text>, form: Form) -> Self {
        Self { title: title.into(), lead: Text::default(), form, ways: Vec::new(), trouble: None }
    }

    pub(crate) fn lead(self, lead: impl Into<Text>) -> Self {
        Self { lead: lead.into(), ..self }
    }

    pub(crate) fn way(mut self, address: impl Into<Text>, text: impl Into<Text>) -> Self {
        self.ways.push((address.into(), text.into()));
        self
    }

    pub(crate) fn shown(&self) -> Response {
        layout::form_page(StatusCode::OK, self.form.asks_for_passkey(), self)
    }

    /// For an address with a token: it is told to nobody.
    pub(crate) fn shown_in_secret(&self) -> Response {
        layout::secret_page(StatusCode::OK, self)
    }

    pub(crate) fn refused(mut self, refusal: impl Into<Refusal>) -> Response {
        let refusal = refusal.into();
        self.trouble = Some(self.form.refused(&refusal));
        refusal.stamped(layout::form_page(refusal.status, self.form.asks_for_passkey(), &self))
    }
}
