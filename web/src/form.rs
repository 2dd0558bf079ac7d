//! A form with labelled fields, and how it is shown again: what is wrong stands beside its field, all of it once more
//! on top with links, and what was typed is kept, except passwords. What is valid is said by the service.

use crate::{layout, refusal::Refusal};
use askama::Template;
use axum::response::Response;
use contracts::api::passkey::PasskeyQuestionView;
use http::StatusCode;
use std::borrow::Cow;

/// One input with its label.
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    /// Of which one is chosen: what is sent, and its words.
    choices: &'static [(&'static str, &'static str)],
    hint: Option<&'static str>,
    pattern: Option<&'static str>,
    required: bool,
    /// Of a box: anything, if it is ticked.
    value: String,
    /// A refusal that is about this field without saying so.
    code: Option<&'static str>,
    trouble: Option<String>,
}

impl Field {
    const fn of(kind: &'static str, name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            autocomplete,
            choices: &[],
            hint: None,
            pattern: None,
            required: true,
            value: String::new(),
            code: None,
            trouble: None,
        }
    }

    pub(crate) const fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self::of("text", name, label, autocomplete)
    }

    pub(crate) const fn email(label: &'static str, autocomplete: &'static str) -> Self {
        Self::of("email", "email", label, autocomplete)
    }

    pub(crate) const fn phone(label: &'static str) -> Self {
        Self::of("tel", "phone", label, "tel")
    }

    /// Of a second factor: it is good for one time, and not shown again.
    pub(crate) const fn code(hint: &'static str) -> Self {
        Self::text("code", "Code", "one-time-code").hint(hint).refused_by("wrong_code")
    }

    /// One of several.
    pub(crate) const fn choice(
        name: &'static str,
        label: &'static str,
        choices: &'static [(&'static str, &'static str)],
    ) -> Self {
        let mut field = Self::of("radio", name, label, "off");
        field.choices = choices;
        field
    }

    /// A box to tick.
    pub(crate) const fn tick(name: &'static str, label: &'static str) -> Self {
        Self::of("checkbox", name, label, "off")
    }

    /// May be left out.
    pub(crate) const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// A refusal with this code is about it.
    pub(crate) const fn refused_by(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Never shown again: it has no way to be given a value.
    pub(crate) const fn password(name: &'static str, label: &'static str) -> Secret {
        Secret(Self::of("password", name, label, "current-password"))
    }

    /// One that is chosen here.
    pub(crate) const fn new_password(name: &'static str, label: &'static str) -> Secret {
        let mut field = Self::of("password", name, label, "new-password");
        field.hint = Some("8 characters or more, better 15.");
        Secret(field)
    }

    pub(crate) fn typed(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
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
        let parts = [(self.hint.is_some(), "hint"), (self.trouble.is_some(), "trouble")];
        let ids = parts.iter().filter(|(is, _)| *is).map(|(_, part)| format!("{form}-{}-{part}", self.name));
        Some(ids.collect::<Vec<_>>().join(" ")).filter(|ids| !ids.is_empty())
    }
}

/// A field for a password.
pub(crate) struct Secret(Field);

impl Secret {
    /// A refusal with this code is about it.
    pub(crate) const fn refused_by(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    /// What helps to fill it in.
    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
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
    action: Cow<'static, str>,
    button: &'static str,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    passkey: Option<AskedPasskey>,
    /// Where the same is done another way.
    instead: Option<(Cow<'static, str>, &'static str)>,
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
    pub(crate) fn new(name: &'static str, action: impl Into<Cow<'static, str>>, button: &'static str) -> Self {
        let (hidden, fields) = (Vec::new(), Vec::new());
        Self { name, action: action.into(), button, hidden, fields, passkey: None, instead: None }
    }

    pub(crate) fn with(mut self, field: impl Into<Field>) -> Self {
        self.fields.push(field.into());
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
    pub(crate) fn or(self, address: impl Into<Cow<'static, str>>, text: &'static str) -> Self {
        Self { instead: Some((address.into(), text)), ..self }
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
                    let text = format!("{} {}.", field.label, wrong.detail);
                    items.push((Some(format!("{}-{}", self.name, field.name)), text.clone()));
                    field.trouble = Some(text);
                }
                None => items.push((None, wrong.sentence())),
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
    text: Option<String>,
    /// With the id of the field each is about.
    items: Vec<(Option<String>, String)>,
}

impl Trouble {
    /// That and nothing of fields.
    pub(crate) fn saying(refusal: &Refusal) -> Self {
        Self { text: Some(refusal.text.clone()), items: Vec::new() }
    }
}

/// A page that is one form.
#[derive(Template)]
#[template(path = "account/form.html")]
pub(crate) struct FormPage {
    title: &'static str,
    lead: String,
    form: Form,
    /// Where else one may want to go.
    ways: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    trouble: Option<Trouble>,
}

impl FormPage {
    pub(crate) fn new(title: &'static str, form: Form) -> Self {
        Self { title, lead: String::new(), form, ways: Vec::new(), trouble: None }
    }

    pub(crate) fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: lead.into(), ..self }
    }

    pub(crate) fn way(mut self, address: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
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
