//! A delivery as it is answered.

use crate::{error::Error, store::deliveries::Delivery};
use contracts::api::notify::DeliveryView;

pub(super) fn view(delivery: Delivery) -> Result<DeliveryView, Error> {
    Ok(DeliveryView {
        can_be_resent: delivery.can_be_resent(),
        id: delivery.id,
        message_id: delivery.message_id.into(),
        account_id: delivery.account_id.into(),
        order_id: delivery.order_id.map(Into::into),
        template: delivery.template,
        channel: delivery.channel,
        status: serde_json::from_value(delivery.status.into())?,
        attempts: delivery.attempts,
        next_at: delivery.next_at,
        last_error: delivery.last_error,
        created_at: delivery.created_at,
        sent_at: delivery.sent_at,
    })
}
