//! What is dangerous is done for nobody without a proof that it is them: the password once more, and with a second factor a
//! code; or a passkey in place of both.

use super::{second_factor, shown_passkey::ShownPasskey};
use crate::{
    form::{Field, Form},
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::Call,
};
use contracts::api::{account::StepUpBody, passkey::PasskeyQuestionView};
use serde::{Deserialize, de::DeserializeOwned};

/// Of the address.
#[derive(Default, Deserialize)]
pub(crate) struct Way {
    #[serde(default)]
    by: String,
}

impl Way {
    pub(crate) fn is_passkey(&self) -> bool {
        self.by == "passkey"
    }
}

/// How a form asks for it.
pub(crate) enum Asks {
    Password {
        code: bool,
        /// Whether there are passkeys, which would do too.
        passkeys: bool,
    },
    Passkey(PasskeyQuestionView),
}

#[derive(Deserialize)]
pub(crate) struct Proof {
    password: Option<String>,
    /// Of a form that asks for one.
    code: Option<String>,
    /// Of a form that leads to one with a passkey.
    passkeys: Option<String>,
    /// Of a form that asks for a passkey.
    token: Option<String>,
    credential: Option<String>,
}

impl Asks {
    /// As the member can, and wants to.
    pub(crate) async fn of(member: &Member, way: &Way) -> Result<Self, Stopped> {
        if way.is_passkey() {
            return Ok(Self::Passkey(member.ask(Call::post("/auth/step-up/passkey/begin", &())).await?));
        }
        let factor = second_factor::of(member).await?;
        Ok(Self::Password { code: factor.enrolled, passkeys: factor.passkeys > 0 })
    }

    /// With a code or without, whatever the member has.
    pub(crate) fn with_code(self, code: bool) -> Self {
        match self {
            Self::Password { passkeys, .. } => Self::Password { code, passkeys },
            passkey => passkey,
        }
    }
}

/// What a form was that has to be shown again.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    code: bool,
    passkeys: bool,
}

impl Asked {
    /// By the password, also where a passkey was asked for: that question is answered, and can be asked anew.
    pub(crate) fn again(self, refusal: &Refusal) -> Asks {
        Asks::Password { code: self.code || refusal.is_about("code"), passkeys: self.passkeys }
    }
}

impl Proof {
    /// Whether a form sent one: of those that ask for it only where it is wanted.
    pub(crate) fn is_given(&self) -> bool {
        self.password.is_some() || self.token.is_some()
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked { code: self.code.is_some(), passkeys: self.passkeys.is_some() || self.token.is_some() }
    }

    /// Asks in the member's name, with this.
    pub(crate) async fn ask<T: DeserializeOwned>(self, member: &Member, call: Call<'_>) -> Result<T, Stopped> {
        if let Some(token) = self.token {
            let shown = ShownPasskey { token, credential: self.credential.unwrap_or_default() };
            return member.ask_shown(&shown.body().map_err(Stopped::Failed)?, call).await;
        }
        // Apps show it in two groups, and people copy it so. An empty one is said to be missing, not to be wrong.
        let code = self.code.map(|code| code.split_whitespace().collect::<String>()).filter(|code| !code.is_empty());
        member.ask_proved(&StepUpBody { password: self.password.unwrap_or_default(), code }, call).await
    }
}

/// Puts the fields for it last; or the question for a passkey, which the button asks.
pub(crate) fn asked_in(form: Form, asks: Asks) -> Form {
    let (code, passkeys) = match asks {
        Asks::Passkey(question) => return form.asking_for_passkey(question).or("?", t!("by-password")),
        Asks::Password { code, passkeys } => (code, passkeys),
    };
    // Who came by an outside provider has one that nobody knows.
    let never_chosen = t!("password-never-chosen");
    let form = form.with(Field::password("password", t!("password")).refused_by("wrong_password").hint(never_chosen));
    let form = if code { form.with(Field::code(t!("code-of-app-or-recovery"))) } else { form };
    if passkeys { form.hidden("passkeys", "yes").or("?by=passkey", t!("by-passkey")) } else { form }
}
