//! Sends the mails that this instance holds, for as long as it runs. Three steps go on beside each other: contacts are asked
//! for all that is there, mails are sent side by side, and whatever ended meanwhile is marked together. Nothing waits for a
//! round to be full or over; who asked or marked for a crowd leaves the next one time to come.
//!
//! Killed between the mail server's yes and storing it, a mail is sent again when its lease is over, under the same
//! Message-ID.

use super::{
    attempt::{Addressed, address, attempt},
    mark::{Ended, give_back, store},
};
use crate::{mail::CONNECTIONS, state::App};
use futures_util::{StreamExt, stream};
use service_kit::{cure, pace::leave_time};
use std::time::Duration;
use tokio::{
    sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// So many contacts are asked for by one call.
const ADDRESSED: usize = 64;
/// So many are marked by one transaction.
const MARKED: usize = 64;
/// At the stop, reactions that found room may still hand over what they stored.
const LAST: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub(crate) async fn send_mails(app: App, stop: CancellationToken) {
    app.outgoing.forget_begun();
    let (to_send, addressed) = mpsc::channel(ADDRESSED);
    let (to_mark, ended) = mpsc::unbounded_channel();
    tokio::join!(address_all(&app, to_send, &stop), send_all(&app, addressed, to_mark, &stop), mark_all(&app, ended));
}

/// Until the stop. Then what was not begun is given back, while what is under way comes to its end.
async fn address_all(app: &App, to_send: Sender<Addressed>, stop: &CancellationToken) {
    while let Some(mails) = stop.run_until_cancelled(app.outgoing.next(ADDRESSED)).await {
        let number = mails.len();
        for addressed in address(app, mails).await {
            // Whoever sends goes on until the last of them.
            let _ = to_send.send(addressed).await;
        }
        leave_time(number, ADDRESSED).await;
    }
    drop(to_send);
    app.outgoing.close();
    leave_nothing(app).await;
}

async fn send_all(
    app: &App,
    addressed: Receiver<Addressed>,
    to_mark: UnboundedSender<Ended>,
    stop: &CancellationToken,
) {
    let addressed = stream::unfold(addressed, |mut next| async { next.recv().await.map(|mail| (mail, next)) });
    let sending = addressed.for_each_concurrent(CONNECTIONS, |addressed| async {
        if stop.is_cancelled() || addressed.mail.is_late() {
            // Whoever marks goes on until the last of them.
            let _ = to_mark.send(Ended::Untried(addressed.mail.due));
        } else {
            send_then_mark(app, addressed, &to_mark).await;
        }
    });
    sending.await;
}

/// Sent, then marked: killed in between, the mail goes out again. The other way round it never does.
#[cure(sent_then_marked, instead = crate::labs::mark_then_send)]
async fn send_then_mark(app: &App, addressed: Addressed, to_mark: &UnboundedSender<Ended>) {
    let attempted = attempt(app, addressed).await;
    let _ = to_mark.send(Ended::Tried(attempted));
}

/// What has ended by the time the last were stored is stored together; a slow mail holds up none of the others.
async fn mark_all(app: &App, mut ended: UnboundedReceiver<Ended>) {
    let mut some = Vec::with_capacity(MARKED);
    while ended.recv_many(&mut some, MARKED).await > 0 {
        let number = some.len();
        store(app, std::mem::take(&mut some)).await;
        leave_time(number, MARKED).await;
    }
}

/// Gives back what was not begun, until nothing more comes: another instance need not wait for its lease.
async fn leave_nothing(app: &App) {
    let all = async {
        while let Some(rest) = app.outgoing.rest() {
            if let Err(cause) = give_back(app, &rest).await {
                tracing::warn!(%cause, "mails could not be given back; they are tried when their lease is over");
            }
            sleep(LOOK_AGAIN).await;
        }
    };
    let _ = timeout(LAST, all).await;
}
