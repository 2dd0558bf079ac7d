//! What services refuse, in the reader's language: by its code, and of a field by its words, which have no code yet. What
//! is not known here is told in the service's own words, in English.

use super::{Sentence, reader::reader};
use std::borrow::Cow;

/// What the checkout says of the address that was chosen.
pub(crate) const ADDRESS_UNCLEAR: &str = "is not clear";
pub(crate) const ADDRESS_NOT_KEPT: &str = "is not in your address book";

/// A refusal with this code; `detail` is how the service says it.
pub(crate) fn of_code(code: &str, detail: &str) -> Option<Cow<'static, str>> {
    // Staff are told what a service says: it knows more.
    in_plain_words(code).or_else(|| (!reader().is_staff()).then(|| of_shop(code, detail)).flatten())
}

/// For what a service tells in words for programmers.
fn in_plain_words(code: &str) -> Option<Cow<'static, str>> {
    Some(match code {
        "email_not_verified" => t!("error-email-not-verified"),
        "no_second_factor" => t!("error-no-second-factor"),
        "passkey_required" => t!("error-passkey-required"),
        "invalid_passkey" => t!("error-invalid-passkey"),
        "wrong_passkey" => t!("error-wrong-passkey"),
        "verification_token_ended" => t!("error-verification-token-ended"),
        _ => return None,
    })
}

fn of_shop(code: &str, detail: &str) -> Option<Cow<'static, str>> {
    of_account(code, detail).or_else(|| of_order(code))
}

fn of_account(code: &str, detail: &str) -> Option<Cow<'static, str>> {
    Some(match code {
        "invalid_credentials" => t!("error-invalid-credentials"),
        "account_suspended" => t!("error-account-suspended"),
        "invalid_refresh_token" => t!("error-session-over"),
        "session_not_found" => t!("error-session-not-found"),
        "wrong_password" => t!("error-wrong-password"),
        "invalid_link" | "invalid_verification_token" => t!("error-invalid-link"),
        "link_over" => t!("error-link-over"),
        "verification_token_expired" => t!("error-verification-token-expired"),
        "verification_token_used" => t!("error-verification-token-used"),
        "wrong_registration_password" => {
            t!("error-wrong-registration-password", left = number_in(detail))
        }
        "address_taken" => t!("error-address-taken"),
        "second_factor_exists" => t!("error-second-factor-exists"),
        "wrong_code" => t!("error-wrong-code"),
        "login_over" => t!("error-login-over"),
        "passkeys_off" => t!("error-passkeys-off"),
        "passkey_not_found" => t!("error-passkey-not-found"),
        "too_many_passkeys" => t!("error-too-many-passkeys"),
        "passkey_exists" => t!("error-passkey-exists"),
        "passkey_copied" => t!("error-passkey-copied"),
        "address_not_found" => t!("error-address-not-found"),
        "too_many_addresses" => t!("error-too-many-addresses"),
        "provider_not_found" => t!("error-provider-not-found"),
        "provider_login_over" => t!("error-provider-login-over"),
        "provider_email_not_verified" => t!("error-provider-email-not-verified"),
        "provider_refused" => t!("error-provider-refused"),
        "erasure_not_found" => t!("error-erasure-not-found"),
        "erasure_begun" => t!("error-erasure-begun"),
        "export_not_found" => t!("error-export-not-found"),
        "guest_joined" => t!("error-guest-joined"),
        "invalid_guest" => t!("error-invalid-guest"),
        "address_without_account" => t!("error-address-without-account"),
        _ => return None,
    })
}

fn of_order(code: &str) -> Option<Cow<'static, str>> {
    Some(match code {
        "order_not_found" => t!("error-order-not-found"),
        "out_of_stock" => t!("error-out-of-stock"),
        "sku_not_sold" => t!("error-sku-not-sold"),
        "mixed_currencies" => t!("error-mixed-currencies"),
        "price_changed" => t!("error-price-changed"),
        "cart_not_found" => t!("error-cart-not-found"),
        "cart_changed" => t!("error-cart-changed"),
        "cart_empty" => t!("error-cart-empty"),
        "cart_full" => t!("error-cart-full"),
        "too_many_pieces" => t!("error-too-many-pieces"),
        "checkout_ended" => t!("error-checkout-ended"),
        "wrong_order_status" => t!("error-wrong-order-status"),
        "amount_too_large" => t!("error-amount-too-large"),
        _ => return None,
    })
}

/// What there was too much of, by the code of the refusal.
pub(crate) fn too_much_of(code: &str) -> Cow<'static, str> {
    match code {
        "too_many_failed_logins" => t!("too-many-failed-logins"),
        "too_many_guests" => t!("too-many-guests"),
        "too_many_open_orders" => t!("too-many-open-orders"),
        "too_many_passkey_logins" => t!("too-many-passkey-logins"),
        "too_many_withdrawals" => t!("too-many-withdrawals"),
        "too_many_mails" => t!("too-many-mails"),
        _ => t!("too-often"),
    }
}

/// What is wrong with a field, as one sentence; `detail` goes on from its label.
pub(crate) fn of_field(label: &str, detail: &str) -> Sentence {
    let most = number_in(detail.strip_prefix("must hold 1 to ").unwrap_or(detail));
    let known = match detail {
        "is required" | "is missing" => t!("field-missing", label = label),
        "must not be empty" => t!("field-empty", label = label),
        "is too short: at least 8 characters, better 15 or more" => t!("field-password-short", label = label),
        "is too long: at most 256 characters" => t!("field-password-long", label = label),
        "is missing: your account has a second factor" => t!("field-no-code", label = label),
        ADDRESS_UNCLEAR => t!("field-address-unclear", label = label),
        ADDRESS_NOT_KEPT => t!("field-address-not-kept", label = label),
        _ if detail.starts_with("is among the passwords") => t!("field-password-guessable", label = label),
        _ if detail.starts_with("is not an e-mail address") => t!("field-no-email", label = label),
        _ if detail.starts_with("must be the two letters of a country") => t!("field-no-country", label = label),
        _ if detail.starts_with("must hold 1 to ") && detail.ends_with(" characters on one line") => {
            t!("field-one-line", label = label, most = most)
        }
        _ if detail.starts_with("must hold up to ") && detail.ends_with(" characters on one line") => {
            t!("field-line-at-most", label = label, most = most)
        }
        _ if detail.starts_with("must hold up to ") && detail.ends_with(" characters without control characters") => {
            t!("field-text-at-most", label = label, most = most)
        }
        _ if detail.starts_with("holds what may be a card number") => t!("field-card-number", label = label),
        _ if detail.starts_with("holds a character that shows nothing") => t!("field-invisible", label = label),
        _ => return Sentence::english(format!("{label} {detail}.")),
    };
    known.into()
}

/// The first number that stands in a service's words.
fn number_in(text: &str) -> u64 {
    let digits: String =
        text.chars().skip_while(|sign| !sign.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}
