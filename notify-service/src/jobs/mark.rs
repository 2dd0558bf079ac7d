//! What became of attempts is stored: of many by one transaction, and of each by its own where one of them cannot be.

use crate::{
    changes::judge::{Attempted, judge},
    domain::Verdict,
    error::Error,
    state::App,
    store::{
        deliveries::{self, Due},
        people,
    },
};
use service_kit::{KitError, trace};

/// An attempt that is over, or that was not begun because it was too late for it.
pub(crate) enum Ended {
    Tried(Attempted),
    Untried(Due),
}

impl Ended {
    fn mail(&self) -> &Due {
        match self {
            Self::Tried(attempted) => &attempted.mail,
            Self::Untried(mail) => mail,
        }
    }
}

/// Stores what became of them. Where that fails, a mail that left stays one that is being sent: it leaves again, under its
/// Message-ID, when its lease is over.
pub(crate) async fn store(app: &App, ended: Vec<Ended>) {
    let ids: Vec<_> = ended.iter().map(|one| one.mail().id).collect();
    let (mut tried, mut untried) = (Vec::new(), Vec::new());
    for one in ended {
        match one {
            Ended::Tried(attempted) => tried.push(attempted),
            Ended::Untried(mail) => untried.push(mail),
        }
    }
    if let Err(cause) = mark_all(app, &tried).await {
        tracing::warn!(%cause, "what became of mails could not be stored; they are tried again when their lease is over");
    }
    if let Err(cause) = give_back(app, &untried).await {
        tracing::warn!(%cause, "mails could not be given back; they are tried when their lease is over");
    }
    app.outgoing.ended(&ids);
}

/// One mail that cannot be marked does not take the others along: they would all leave twice.
async fn mark_all(app: &App, attempts: &[Attempted]) -> Result<(), Error> {
    match mark(app, attempts).await {
        Err(cause) if attempts.len() > 1 && lies_in_one(&cause) => {
            let mut marked = Ok(());
            for attempt in attempts.chunks(1) {
                // All of them are stored before the first error is told.
                marked = marked.and(mark(app, attempt).await);
            }
            marked
        }
        marked => marked,
    }
}

/// Whether the database refused what is in a row (SQLSTATE classes 22, 23 and P0). Where it is away, trying each would only
/// take as many times as long.
fn lies_in_one(cause: &Error) -> bool {
    let Error::Kit(KitError::Database(sqlx::Error::Database(cause))) = cause else { return false };
    let code = cause.code();
    code.is_some_and(|code| ["22", "23", "P0"].iter().any(|class| code.starts_with(class)))
}

/// Stores what became of them, in one transaction, which the journey of the first shows.
pub(crate) async fn mark(app: &App, attempts: &[Attempted]) -> Result<(), Error> {
    let Some(first) = attempts.first() else { return Ok(()) };
    let judged = trace::within(first.context.clone(), async {
        let mut tx = app.kit.database.begin("mark_sent").await?;
        let judged = judge(app, &mut tx, attempts).await?;
        let _committed = tx.commit().await?;
        Ok::<_, Error>(judged)
    });
    let judged = judged.await?;
    if app.post.keeps_mails()
        && let Err(cause) = take_emptied(app, attempts).await
    {
        tracing::warn!(%cause, "mails to people who were erased meanwhile are taken away at the next look");
    }
    for (Attempted { mail, context, .. }, verdict) in judged {
        trace::within(context.clone(), async { log(mail, &verdict) }).await;
    }
    Ok(())
}

/// Whose account was erased while their mail was on its way: their message is empty, and the mail goes, too.
async fn take_emptied(app: &App, attempts: &[Attempted]) -> anyhow::Result<()> {
    let mails: Vec<_> = attempts.iter().map(|attempt| attempt.mail.id).collect();
    let mut connection = app.kit.database.acquire().await?;
    let emptied = people::emptied_mails(&mut connection, &mails, &[]).await?;
    drop(connection);
    Ok(app.post.forget(&emptied).await?)
}

/// Gives their leases back: somebody else may send them at once.
pub(crate) async fn give_back(app: &App, untried: &[Due]) -> Result<(), Error> {
    if untried.is_empty() {
        return Ok(());
    }
    let untried: Vec<_> = untried.iter().map(|mail| (mail.id, mail.attempts)).collect();
    let mut connection = app.kit.database.acquire().await?;
    let given = deliveries::give_back(&mut connection, &untried, app.kit.clock.now()).await?;
    tracing::info!(mails = given, "mails that were not begun were given back");
    app.outgoing.note_left_behind();
    Ok(())
}

fn log(mail: &Due, verdict: &Verdict) {
    let (id, attempts) = (mail.message_id, mail.attempts);
    match verdict {
        Verdict::Sent => tracing::info!(
            notification.id = %id, order.number = mail.order_number, template = mail.template, attempts,
            "a mail was sent"
        ),
        Verdict::PutOff(reason) => {
            tracing::warn!(notification.id = %id, attempts, error.message = reason, "a mail will be tried again");
        }
        Verdict::GivenUp(reason) => {
            tracing::error!(notification.id = %id, attempts, error.message = reason, "a mail was given up");
        }
    }
}
