//! What the pages of the flow share.

use super::{hub::Hub, services::Services};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct Flow {
    pub(super) services: Services,
    pub(super) hub: Arc<Hub>,
}
