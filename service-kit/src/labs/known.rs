//! The lists of the crates that are in this program.

use super::{cures::LABS, faults, listed::Listed};
use crate::Env;
use std::sync::{Mutex, PoisonError};

static KNOWN: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

/// Adds a crate's list to what `ECOM_FAULTS` may name; the program says which of them are in it.
pub fn know(listed: Listed) {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).push(listed);
}

/// The lists of this program: the kit's own, and those it was told of.
#[must_use]
pub fn known() -> Vec<Listed> {
    let told = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    std::iter::once(LABS).chain(told.iter().copied()).collect()
}

/// Has this process do what `ECOM_FAULTS` asks for, from now on.
///
/// # Errors
/// It names what there is not.
pub fn arm(env: &Env) -> anyhow::Result<()> {
    faults::arm(env, &known())
}
