### What was refused, and what to do next.

# Later it may go well
too-much-try-again = { $why } Try again in { $span }.
cannot-be-done-now = This cannot be done at the moment. Try again in { $span }.
too-many-failed-logins = Too many log-ins with this address failed.
too-many-guests = Too much was ordered without an account, from here or with this address.
too-many-open-orders = There are orders that are not paid yet.
too-many-passkey-logins = Too many log-ins by passkey were begun.
too-many-mails = Too many mails were asked for, by you or to this address. Nothing was kept.
too-many-withdrawals = Too many withdrawals were declared, from here or with this address. This one was not kept.
too-often = That was tried too often.

# Accounts
error-email-not-verified = Confirm your e-mail address first: open the link in the mail we sent you, or have it sent again.
error-no-second-factor = Your account has no second factor.
error-passkey-required = Your second factor is a passkey: confirm it with that, not with the password.
error-invalid-passkey = This passkey is not known here, or it took too long. Try again, or log in by password.
error-wrong-passkey = This is none of your passkeys, or it took too long. Nothing was done: try again.
error-verification-token-ended = Too many passwords were tried with this link. Have a new one sent.
error-invalid-credentials = The e-mail address or the password is wrong.
error-account-suspended = This account is suspended: write to the shop.
error-session-over = The session is over: log in again.
error-session-not-found = You have no such session: perhaps it is over.
error-wrong-password = This is not your password.
error-invalid-link = This link is not valid: open the one in the newest mail, or ask for a new one.
error-link-over = This link was used already, or has expired: ask for a new one.
error-verification-token-expired = This link has expired, and what was registered with it: register again.
error-verification-token-used = Your address has an account already: log in.
error-wrong-registration-password = This is not the password this address was registered with; tries left: { $left }. If it was not you who registered, choose a password of your own.
error-address-taken = Another account has this address.
error-second-factor-exists = Your account has a second factor already: give it up first.
error-wrong-code = The code is wrong, or was used already: wait for the next one.
error-login-over = This took too long, or too many codes were wrong: give your password again.
error-passkeys-off = There are no passkeys here: browsers take none from a shop that is reached by an IP address.
error-passkey-not-found = You have no such passkey.
error-too-many-passkeys = You have 20 passkeys, which is as many as are kept: remove one first.
error-passkey-exists = This passkey opens an account already.
error-passkey-copied = This passkey counts back, as a copy of it would: it is not taken. Log in another way, and remove it.
error-address-not-found = You have no such address.
error-too-many-addresses = You have 50 addresses, which is as many as are kept: delete one first.
error-provider-not-found = Nobody signs in with another provider here.
error-provider-login-over = This took too long, or was begun in another browser: begin again.
error-provider-email-not-verified = The provider does not say that your e-mail address is confirmed: confirm it there, or register here.
error-provider-refused = The provider did not confirm who you are: begin again.
error-erasure-not-found = Nobody wants this account erased.
error-erasure-begun = It is too late: the account is being erased.
error-export-not-found = There is no such copy of your data, or this link to it works no more.
error-guest-joined = What was ordered is in the account of this address by now: log in to see it.
error-invalid-guest = This order without an account is not known here any more: order again, or log in.
error-address-without-account = This address has no account yet: register with it, and what was ordered comes into that.

# Carts and orders
error-order-not-found = There is no such order.
error-out-of-stock = Not enough pieces are left. Nothing was ordered: change how many you want, and order again.
error-sku-not-sold = Something of this is not sold any more. Nothing was ordered: take it out of the cart.
error-mixed-currencies = An order has one currency: order these products separately.
error-price-changed = Some prices have changed since you saw them. Nothing was ordered: look at the cart, agree there, and order then.
error-cart-not-found = This cart is not there any more: put what you want into a new one.
error-cart-changed = The cart is not the one you saw: it was changed, or ordered, meanwhile. Nothing was ordered now: look at the cart and at your orders.
error-cart-empty = There is nothing in the cart to order.
error-cart-full = An order has up to 100 different products: order these first, or take some out.
error-too-many-pieces = Of one product up to 999 pieces can be ordered at a time.
error-checkout-ended = What was held for this order was given back meanwhile: order again.
error-wrong-order-status = The order has gone on meanwhile, and this cannot be done any more: look at where it stands.
error-amount-too-large = The total is larger than can be paid: order less.

# Fields; what is wrong stands beside them
field-missing = { $label } is missing.
field-empty = { $label } must not be empty.
field-no-code = { $label } is missing: your account has a second factor.
field-password-short = { $label } is too short: at least 8 characters, better 15 or more.
field-password-long = { $label } is too long: at most 256 characters.
field-password-guessable = { $label } is among the passwords that are tried first: choose one nobody would guess, for example four words that have nothing to do with each other.
field-no-email = { $label } is not an e-mail address: expected a form like name@example.com.
field-no-country = { $label } must be the two letters of a country, such as DE or GB.
field-one-line = { $label } must hold 1 to { $most } characters on one line.
field-line-at-most = { $label } must hold up to { $most } characters on one line.
field-text-at-most = { $label } must hold up to { $most } characters without control characters.
field-card-number = { $label } holds what may be a card number: card numbers are never sent here.
field-invisible = { $label } holds a character that shows nothing: leave it out.
field-address-unclear = { $label } is not clear: choose “Another address”, or leave its fields empty.
field-address-not-kept = { $label } is not in your address book any more: choose another.
