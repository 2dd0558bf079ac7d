//! `ecom restored`: what is to be done after backups were put back, since the world outside did not go back with them.
//! Order numbers go on behind those that were given out, what the other services still know of orders is remembered, and
//! what the provider took for orders that are no more is said and, with `--refund`, given back.
//!
//! Everything is found by comparing, and looked at again under lock when it is done: repeating it is harmless.

mod carry_out;
mod command;
mod memory;
mod money;
mod numbers;
mod plan;
mod planning;
mod step;

pub use carry_out::carry_out;
pub use command::{Arguments, run};
pub use plan::{Plan, Wanted};
pub use planning::plan;
pub use step::Step;
