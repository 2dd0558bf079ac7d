//! The figures as they were read last, in this process: a start page that is open on many desks asks once.

use contracts::api::order::OrderFiguresView;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Default)]
pub(crate) struct KeptFigures(Arc<Mutex<Option<OrderFiguresView>>>);

impl KeptFigures {
    pub(crate) fn get(&self) -> Option<OrderFiguresView> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep(&self, figures: OrderFiguresView) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(figures);
    }
}
