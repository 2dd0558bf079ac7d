//! Mails that were given up are sent after all, since somebody of the staff wants it.

use crate::{
    error::Error,
    state::App,
    store::deliveries::{self, Delivery},
};
use contracts::api::notify::DeliveryStatus;
use serde_json::json;
use service_kit::{By, Tx, audit::Entry};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Decided while their rows are held: of two who want the same one, the second finds it waiting. An error for each that was
/// not given up.
pub(crate) async fn resend(
    app: &App,
    tx: &mut Tx,
    wishes: &[(By, Uuid)],
) -> Result<Vec<Result<Delivery, Error>>, Error> {
    let ids: Vec<_> = wishes.iter().map(|(_by, id)| *id).collect();
    let locked = deliveries::lock(tx, &ids).await?;
    let mut locked: BTreeMap<_, _> = locked.into_iter().map(|delivery| (delivery.id, delivery)).collect();
    let (mut again, mut resent, now) = (Vec::new(), Vec::new(), app.kit.clock.now());
    for (by, id) in wishes {
        let given_up = match locked.remove(id) {
            Some(delivery) if delivery.can_be_resent() => Ok(delivery),
            Some(delivery) if delivery.emptied => Err(Error::RecipientErased),
            Some(_) => Err(Error::DeliveryNotFailed),
            None if again.contains(id) => Err(Error::DeliveryNotFailed),
            None => Err(Error::NoSuchDelivery),
        };
        resent.push(given_up.map(|mut delivery| {
            let (before, after) = (json!({ "status": delivery.status }), json!({ "status": DeliveryStatus::Waiting }));
            let entry = Entry::new(by.actor, "delivery.resent").on(*id).from(by.client).changed(before, after);
            app.kit.audit(tx, entry);
            DeliveryStatus::Waiting.as_str().clone_into(&mut delivery.status);
            (delivery.attempts, delivery.next_at) = (0, Some(now));
            again.push(*id);
            delivery
        }));
    }
    if !again.is_empty() {
        deliveries::send_again(tx, &again, now).await?;
        tx.wake_after_commit(&app.new_mail);
    }
    Ok(resent)
}
