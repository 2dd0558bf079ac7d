//! What the load client of a fault run saw: one JSON object per line, one line per key at the end of its life.

use super::reading::Unreadable;
use crate::doctor::Invariant;
use anyhow::Context;
use serde::Deserialize;
use std::{fs, path::Path};
use uuid::Uuid;

/// One key's life.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ClientKey {
    pub(crate) key: String,
    pub(crate) customer_id: Uuid,
    pub(crate) outcome: Outcome,
    /// The different order ids ever answered under it.
    #[serde(default)]
    pub(crate) order_ids: Vec<Uuid>,
    #[serde(default)]
    pub(crate) total: Option<Total>,
    #[serde(default)]
    pub(crate) lines: Vec<Line>,
    #[serde(default)]
    pub(crate) differing_answers: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Answered 201.
    Ok,
    /// Answered that there is no order.
    Failed,
    /// Never answered to the end.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Total {
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
}

pub(super) fn read(path: &Path, unreadable: &mut Vec<Unreadable>) -> anyhow::Result<Vec<ClientKey>> {
    let shown = path.display();
    let text = fs::read(path).with_context(|| format!("the client's log {shown} cannot be read"))?;
    let mut keys = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(key) => keys.push(key),
            Err(cause) => {
                let sentence = format!("Line {} of {shown} cannot be read: {cause}.", index + 1);
                unreadable.push(Unreadable { invariant: Invariant::Requests, sentence });
            }
        }
    }
    Ok(keys)
}
