//! Crash points and mistakes, for fault runs and for teaching. This module exists only in builds with the feature `labs`
//! and is armed by `ECOM_FAULTS`; in any other build no word of it is in the program.
//!
//! A **point** is a place where a process may die: every commit (`commit:place_order` before it, `committed:place_order`
//! after it), every call that leaves the process (`ask:reservations`, `answered:reservations`), and the kit's own. A
//! **cure** keeps one kind of mistake from happening (`#[cure(…)]`); switched off, the mistake is there, and the checker
//! has to find it. Each crate's mistakes stand in its `labs.rs`.
//!
//! ```text
//! ECOM_FAULTS=crash:commit:place_order           dies at the first pass of the point
//! ECOM_FAULTS=error:publish@3                    fails at the third pass, once
//! ECOM_FAULTS=delay:ask:charge=800*              waits 800 ms at every pass
//! ECOM_FAULTS=off:claim-once,crash:consume
//! ECOM_FAULTS=tell                               logs each point when it is passed for the first time
//! ```

mod cures;
pub(crate) mod faults;
mod known;
mod listed;
pub(crate) mod mistakes;

pub use cures::{CURES, LABS};
pub(crate) use cures::{Cure, is_off};
pub use faults::off;
pub use known::{arm, know, known};
pub use listed::Listed;
