//! The route table, grouped by who may call.

mod add_cart_line;
mod agree_cart;
mod buyer;
mod cancel_order;
mod cart_holder;
mod cart_view;
mod checkout_cart;
mod close_withdrawal;
mod declare_withdrawal;
mod expire_checkout;
mod fulfil_order;
mod fulfil_orders;
mod list_notes;
mod list_orders;
mod list_withdrawals;
mod merge_cart;
mod open_cart;
mod order_filter;
mod order_view;
mod place_order;
mod place_order_body;
mod put_cart_line;
mod remove_cart_line;
mod show_audit;
mod show_cart;
mod show_figures;
mod show_order;
mod show_timeline;
mod show_withdrawal_receipt;
mod write_note;

pub(crate) use list_orders::OrderFilter;
pub(crate) use place_order_body::PlaceOrderBody;

use crate::state::App;
use service_kit::{Routes, gated, operators};
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> Routes<App> {
    Routes {
        public: OpenApiRouter::new()
            // Customers and guests, each for their own orders; staff for all
            .routes(gated!(place_order::place_order, list_orders::list_orders))
            .routes(gated!(show_order::show_order))
            .routes(gated!(cancel_order::cancel_order))
            .routes(gated!(show_timeline::show_timeline))
            // Whoever has the cart: a customer, or who has a guest's token
            .routes(gated!(open_cart::open_cart))
            .routes(gated!(show_cart::show_cart))
            .routes(gated!(add_cart_line::add_cart_line))
            .routes(gated!(put_cart_line::put_cart_line, remove_cart_line::remove_cart_line))
            .routes(gated!(agree_cart::agree_cart))
            // Customers, each their own; a guest orders theirs
            .routes(gated!(merge_cart::merge_cart))
            .routes(gated!(checkout_cart::checkout_cart))
            // Anybody declares; staff see it
            .routes(gated!(declare_withdrawal::declare_withdrawal, list_withdrawals::list_withdrawals))
            // Staff
            .routes(gated!(close_withdrawal::close_withdrawal))
            .routes(gated!(fulfil_order::fulfil_order))
            .routes(gated!(fulfil_orders::fulfil_orders))
            .routes(gated!(write_note::write_note, list_notes::list_notes))
            .routes(gated!(show_figures::show_figures))
            .routes(gated!(show_audit::show_audit))
            .nest("/orders", operators::routes()),
        internal: OpenApiRouter::new()
            // product-service
            .routes(gated!(expire_checkout::expire_checkout))
            // notify-service
            .routes(gated!(show_withdrawal_receipt::show_withdrawal_receipt)),
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    routes().document(contracts::ServiceName::Order)
}

#[cfg(test)]
mod tests;
