//! `/withdrawal`: somebody withdraws from a contract (directive 2011/83/EU, article 11a), with a log-in or without. A form, then
//! what was typed once more with one button that confirms it, then when it was received. Nothing is kept before the button; the
//! same button pressed twice, a page shown again and the way back declare it once: the form's key is sent along.

use crate::{
    asked::{Asked, Filled},
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::{Call, FieldProblem, UpstreamError},
};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::api::{
    account::CurrentUserView,
    withdrawal::{DeclareWithdrawalBody, WithdrawalReceivedView},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "withdrawal.html")]
struct WithdrawalPage {
    form: Form,
    trouble: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "withdrawal_confirm.html")]
struct ConfirmPage<'a> {
    typed: &'a Filling,
}

#[derive(Template)]
#[template(path = "withdrawal_received.html")]
struct ReceivedPage<'a> {
    typed: &'a Filling,
    received: WithdrawalReceivedView,
}

/// Where a page about an order leads here.
#[derive(Deserialize)]
pub(crate) struct Place {
    #[serde(default)]
    order: String,
}

#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    /// `confirm` or `change`; of the first page neither.
    #[serde(default)]
    act: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    order_number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    reason: String,
}

impl Filling {
    fn form(&self) -> Form {
        Form::new("withdrawal", "/withdrawal", t!("withdraw-continue"))
            .hidden("key", &self.key)
            .with(
                Field::text("order_number", t!("withdraw-order-number"), "off")
                    .hint(t!("withdraw-order-number-hint"))
                    .typed(&self.order_number),
            )
            .with(Field::text("name", t!("withdraw-name"), "name").typed(&self.name))
            .with(Field::email(t!("email"), "email").hint(t!("withdraw-email-hint")).typed(&self.email))
            .with(Field::lines("reason", t!("withdraw-reason-asked")).optional().typed(&self.reason))
    }

    fn body(&self) -> DeclareWithdrawalBody {
        DeclareWithdrawalBody {
            order_number: self.order_number.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            reason: Some(self.reason.clone()).filter(|reason| !reason.trim().is_empty()),
        }
    }

    /// What has to be there before it is shown once more. Whether it is valid the service says.
    fn lacking(&self) -> Option<Refusal> {
        let given = [("order_number", &self.order_number), ("name", &self.name), ("email", &self.email)];
        let lacking = given.into_iter().filter(|(_, typed)| typed.trim().is_empty());
        let fields: Vec<_> = lacking
            .map(|(name, _)| FieldProblem { pointer: format!("/{name}"), detail: "must not be empty".to_owned() })
            .collect();
        (!fields.is_empty()).then(|| Refusal::of_fields(fields))
    }
}

pub(crate) async fn ask(
    member: Result<Member, Response>,
    State(app): State<App>,
    Asked(place): Asked<Place>,
) -> Response {
    let mut filling = Filling { key: fresh_key(&app), order_number: place.order, ..Filling::default() };
    if let Ok(member) = member {
        // Without who they are the page is there all the same: they type it.
        if let Ok(known) = member.ask::<CurrentUserView>(Call::get("/auth/current-user")).await {
            filling.name = format!("{} {}", known.first_name, known.last_name);
            filling.email = known.email;
        }
    }
    shown(&filling, None)
}

pub(crate) async fn declare(
    member: Result<Member, Response>,
    State(app): State<App>,
    Filled(mut filling): Filled<Filling>,
) -> Response {
    if filling.act == "change" {
        return shown(&filling, None);
    }
    if let Some(refusal) = filling.lacking() {
        return shown(&filling, Some(refusal));
    }
    if filling.act != "confirm" {
        return layout::page(StatusCode::OK, &ConfirmPage { typed: &filling });
    }
    match sent(&app, member, &filling).await {
        Ok(received) => layout::page(StatusCode::OK, &ReceivedPage { typed: &filling, received }),
        Err(cause) => {
            let refusal = Refusal::from(cause);
            // Under the same key the same would be sent again; what is mended is another declaration.
            if !refusal.is_for_now() {
                filling.key = fresh_key(&app);
            }
            shown(&filling, Some(refusal))
        }
    }
}

fn fresh_key(app: &App) -> String {
    app.clock.new_id::<Uuid>().to_string()
}

/// In their name who are logged in; where that is over by now, without it: nobody has to log in for this.
async fn sent(
    app: &App,
    member: Result<Member, Response>,
    filling: &Filling,
) -> Result<WithdrawalReceivedView, UpstreamError> {
    let call = Call::order(Method::POST, "/orders/withdrawals").with_body(&filling.body());
    let call = call.with_header("idempotency-key", &filling.key);
    if let Ok(member) = member {
        match member.ask(call.clone()).await {
            Ok(received) => return Ok(received),
            Err(Stopped::Failed(cause)) => return Err(cause),
            Err(Stopped::LoginOver(_)) => {}
        }
    }
    app.upstream.ask(&call).await
}

fn shown(filling: &Filling, refusal: Option<Refusal>) -> Response {
    let mut form = filling.form();
    let trouble = refusal.as_ref().map(|refusal| form.refused(refusal));
    let page = layout::page(StatusCode::OK, &WithdrawalPage { form, trouble });
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}
