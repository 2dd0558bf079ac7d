//! A service of a few lines: it takes order-service's place, because the contracts tell who subscribes to what.

use crate::support::{MIGRATIONS, announce_in};
use anyhow::bail;
use axum::{
    extract::{FromRef, State},
    http::{StatusCode, header::LOCATION},
    routing::{get, post, put},
};
use contracts::{
    Event, ServiceName,
    access::ReadOrders,
    events::{
        EventData,
        order::PersonErased,
        payment::{Completed, Failed, Refunded},
        product::ReservationExpired,
        user::{Erased, ExportRequested, GuestJoined},
    },
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Bus, Clock, Committed, Kit, Problem, Routes, Service, Settings, Subscriptions, Tx,
    auth::{Caller, Callers, SignedIn, Staff},
    extract::Body,
    if_match::IfMatch,
    operators,
    personal_data::PersonalData,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::Notify;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

#[derive(Clone)]
pub struct App {
    kit: Kit,
    pub script: Arc<Script>,
}

/// What a test tells the running sample, and what it tells back.
#[derive(Default)]
pub struct Script {
    /// While set, reactions to payments by [`FAILING`] fail.
    pub broken: AtomicBool,
    /// How often a reaction began.
    pub reactions: AtomicUsize,
    /// Notified when `/slow` has begun.
    pub entered: Notify,
    /// Notified when `/slow` has done its work.
    pub done: Notify,
    /// Lets `/slow` answer, and a reaction to a payment by [`HANGING`] go on.
    pub release: Notify,
}

/// Payment methods that make the reaction to `payment.completed` do something.
pub const FAILING: &str = "failing";
pub const PANICKING: &str = "panicking";
/// Ends the process, in processes that are there for it.
pub const LETHAL: &str = "lethal";
/// Takes between none and 20 ms.
pub const DAWDLING: &str = "dawdling";
/// Goes on when it is released.
pub const HANGING: &str = "hanging";
/// Announces `order.paid`.
pub const ANNOUNCING: &str = "announcing";

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}

pub async fn build(settings: Settings, bus: Bus, clock: Clock, script: Arc<Script>) -> Service {
    let kit = Kit::open(settings, &MIGRATIONS, bus, clock).await.unwrap();
    let app = App { kit: kit.clone(), script };
    let subscriptions = Subscriptions::new(ServiceName::Order)
        .on(completed)
        .on(note::<Failed>)
        .on(note::<Refunded>)
        .on(note::<ReservationExpired>)
        .on(erased)
        .on(guest_joined)
        .on(export_requested);
    let receipt = |account_id, rows| PersonErased { account_id, rows };
    Service::new(kit, app.clone(), routes(), subscriptions).unwrap().knows_people(app, PERSONAL_DATA, receipt)
}

async fn erased(app: App, mut tx: Tx, events: Vec<Event<Erased>>) -> anyhow::Result<Committed> {
    app.kit.note_erased(&mut tx, events).await?;
    Ok(tx.commit().await?)
}

async fn guest_joined(app: App, mut tx: Tx, events: Vec<Event<GuestJoined>>) -> anyhow::Result<Committed> {
    app.kit.note_joined(&mut tx, events).await?;
    Ok(tx.commit().await?)
}

async fn export_requested(app: App, mut tx: Tx, events: Vec<Event<ExportRequested>>) -> anyhow::Result<Committed> {
    app.kit.note_exports(&mut tx, events).await?;
    Ok(tx.commit().await?)
}

/// Somebody who cannot be erased while the script says so.
pub const UNERASABLE: Uuid = Uuid::from_u128(7);

/// What the sample keeps of people are the effects filed under their ids. It erases ten at a time.
const PERSONAL_DATA: PersonalData<App> = PersonalData {
    erase: |app, tx, ids| {
        Box::pin(async move {
            if ids.contains(&UNERASABLE) && app.script.broken.load(Ordering::SeqCst) {
                return Err("the till is stuck".into());
            }
            let statement = "DELETE FROM effects WHERE position IN (
                                 SELECT position FROM effects WHERE subject = ANY($1) LIMIT 10)";
            Ok(sqlx::query(statement).bind(ids).execute(&mut **tx).await?.rows_affected())
        })
    },
    join: |_app, tx, guest, account| {
        Box::pin(async move {
            let statement = "UPDATE effects SET subject = $2 WHERE position IN (
                                 SELECT position FROM effects WHERE subject = $1 LIMIT 10)";
            let moved = sqlx::query(statement).bind(guest.uuid()).bind(account.uuid());
            Ok(moved.execute(&mut **tx).await?.rows_affected())
        })
    },
    kinds: &[],
};

async fn completed(app: App, mut tx: Tx, events: Vec<Event<Completed>>) -> anyhow::Result<Committed> {
    for event in events {
        app.script.reactions.fetch_add(1, Ordering::SeqCst);
        store(&mut tx, &event).await?;
        match event.data.method.as_str() {
            FAILING if app.script.broken.load(Ordering::SeqCst) => bail!("the till is stuck"),
            LETHAL => std::process::abort(),
            PANICKING => panic!("the till exploded"),
            HANGING => app.script.release.notified().await,
            ANNOUNCING => {
                announce_in(&app.kit, &mut tx, event.data.order_id).await?;
            }
            DAWDLING => {
                sqlx::query("SELECT pg_sleep(random() * 0.02)").execute(&mut *tx).await?;
            }
            _ => {}
        }
    }
    Ok(tx.commit().await?)
}

async fn note<T: EventData>(_app: App, mut tx: Tx, events: Vec<Event<T>>) -> anyhow::Result<Committed> {
    for event in events {
        store(&mut tx, &event).await?;
    }
    Ok(tx.commit().await?)
}

async fn store<T>(tx: &mut Tx, event: &Event<T>) -> sqlx::Result<()> {
    let statement = "INSERT INTO effects (event_id, subject, sequence, attempts)
                     SELECT event_id, subject, sequence, attempts FROM inbox WHERE event_id = $1";
    sqlx::query(statement).bind(event.id.uuid()).execute(&mut **tx).await?;
    Ok(())
}

/// The services that may call the sample's internal route.
pub struct OnlyPayment;

impl Callers for OnlyPayment {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Payment];
}

/// A body with everything that can be wrong with one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    title: String,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    quantity: i64,
}

fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            .route("/slow", get(slow).post(slow))
            .route("/me", get(|person: SignedIn| async move { person.account_id.to_string() }))
            .route("/staff", get(|person: Staff<ReadOrders>| async move { person.actor.uuid().to_string() }))
            .route("/notes", post(|Body(note): Body<Note>| async move { axum::Json(note) }))
            .route("/notes/1", put(|given: IfMatch| async move { given.matches(3).to_string() }))
            .route("/notes/copies", post(|| async { (StatusCode::CREATED, [(LOCATION, "/notes/2")]) }))
            .routes(routes!(ring))
            .route("/panic", get(panics))
            .nest("/orders", operators::routes()),
        internal: OpenApiRouter::new()
            .route("/internal/notes", get(|caller: Caller<OnlyPayment>| async move { caller.service.to_string() })),
    }
}

/// Wants no body and no parameters.
#[utoipa::path(post, path = "/bells/{name}/ring", params(("name" = String, Path)), responses((status = 200)))]
async fn ring() -> &'static str {
    "rung"
}

async fn slow(State(app): State<App>) -> Result<&'static str, Problem> {
    // Made first: whoever hears that this has begun may release it at once.
    let released = app.script.release.notified();
    app.script.entered.notify_one();
    released.await;
    let _committed = app.kit.database.begin("a_test").await?.commit().await?;
    app.script.done.notify_one();
    Ok("done")
}

async fn panics() -> Result<(), Problem> {
    panic!("a handler fell over")
}
