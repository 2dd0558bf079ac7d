//! Writes down what somebody was not let.

use super::entry::Entry;
use crate::{Database, Kit, KitError, auth::Actor};
use contracts::access::Permission;
use std::time::Instant;
use tracing::Instrument;

impl Kit {
    /// Writes down, behind the back of who asks, that they have not the permission.
    pub(crate) fn note_denied(&self, actor: Actor, permission: Permission) {
        if !self.denied.is_first(actor, permission, Instant::now()) {
            return;
        }
        let kit = self.clone();
        let noting = async move {
            if let Err(cause) = note(&kit, &kit.database, actor, permission).await {
                tracing::warn!(%cause, "what somebody was not let could not be written down");
            }
        };
        tokio::spawn(noting.in_current_span());
    }
}

async fn note(kit: &Kit, database: &Database, actor: Actor, permission: Permission) -> Result<(), KitError> {
    let mut tx = database.begin("audit_denied").await?;
    let needed = serde_json::json!({ "permission": permission });
    kit.audit(&mut tx, Entry::new(actor, "permission.missed").changed(serde_json::Value::Null, needed).denied());
    let _committed = tx.commit().await?;
    Ok(())
}
