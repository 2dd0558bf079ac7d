//! Whether something that all services need is out of order: then how long one takes to come back says nothing about it.

use std::sync::{Arc, Mutex, PoisonError};

/// Counts the disturbances that go on and those that there ever were.
#[derive(Clone, Default)]
pub(crate) struct Storms(Arc<Mutex<Weather>>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    raging: u64,
    begun: u64,
}

impl Weather {
    pub(crate) fn is_calm(self) -> bool {
        self.raging == 0
    }
}

/// Over when it is dropped.
pub(crate) struct Storm(Storms);

impl Storms {
    pub(crate) fn begin(&self) -> Storm {
        self.change(|weather| {
            weather.raging += 1;
            weather.begun += 1;
        });
        Storm(self.clone())
    }

    /// Equal at two times, and calm: it was calm between them.
    pub(crate) fn weather(&self) -> Weather {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.0.change(|weather| weather.raging -= 1);
    }
}
