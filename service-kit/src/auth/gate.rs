//! Denied by default: what gets into a route table says by its first parameter who may call it.

use super::{Anybody, Caller, Callers, Fresh, GuestOr, OwnOr, SignedIn, Staff};
use crate::Problem;
use axum::handler::Handler;
use contracts::access::Permit;

/// A parameter that says who may call.
pub trait Gate {}

impl Gate for Anybody {}
impl Gate for SignedIn {}
impl<P: Permit> Gate for Staff<P> {}
impl<P: Permit> Gate for OwnOr<P> {}
impl<C: Callers> Gate for Caller<C> {}
impl<G: Gate> Gate for Fresh<G> {}
impl<G: Gate> Gate for GuestOr<G> {}
impl<G: Gate> Gate for Result<G, Problem> {}

/// A handler's parameters, of which the first is a [`Gate`].
pub trait GateFirst {}

macro_rules! gate_first {
    ($(($($after:ident),*))*) => {$(
        impl<M, G: Gate, $($after),*> GateFirst for (M, G, $($after,)*) {}
    )*};
}

gate_first! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, H) }

/// Compiles for a handler whose first parameter says who may call it.
pub const fn gate<S, H: Handler<T, S>, T: GateFirst>(_handler: &H) {}

/// `utoipa_axum::routes!` for handlers that say by their first parameter who may call them. `App` is the state's name where
/// it stands.
#[macro_export]
macro_rules! gated {
    ($($handlers:tt)*) => {{
        $crate::gate_each!($($handlers)*);
        utoipa_axum::routes!($($handlers)*)
    }};
}

/// Of [`gated`].
#[doc(hidden)]
#[macro_export]
macro_rules! gate_each {
    ($($handler:path),* $(,)?) => {$( $crate::auth::gate::<App, _, _>(&$handler); )*};
}
