//! What crosses a border stays readable for ever, and money adds up.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod money;
mod wire;
