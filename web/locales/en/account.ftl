### Accounts: how one registers, logs in, and changes what one is known by.

# Fields
email = E-mail address
new-email = New e-mail address
password = Password
password-until-now = Password until now
new-password = New password
first-name = First name
last-name = Last name
phone = Phone
code-of-app-or-recovery = From your authenticator app, or a recovery code.
password-never-chosen = You never chose one? Log out, and ask for one by “The password is forgotten” on the page of the log-in.

# Registering, and the links of mails
register-has-account = You have an account? Log in
register-no-mail = No mail came? Send it again
register-sent = We sent you a mail. Open the link in it within 24 hours to confirm your address. In this browser that is one click; in another one you are asked for the password you just chose.
look-into-mailbox = Look into your mailbox
read-mails = Read the mails
make-my-account = Make my account
invited = You are invited
invited-text = Say who you are and choose a password. You log in with your address.
account-made = Your account is made
account-made-text = Log in with the address the invitation came to.
verify = Confirm your e-mail address
verify-button = Confirm my address
verify-password = Give the password you registered with, and your account is ready to be used.
verify-click = You registered in this browser: one click, and your account is ready to be used.
verify-other-password = It was not you who registered, or it was with another password?
verify-not-you = It was not you who registered, or you don’t know the password?
verify-not-you-text = This mailbox is yours, so the account is yours to make: choose a password and a name. Nothing of what was registered is kept but the address.
verified = Your address is confirmed
verified-text = Your address is confirmed: you can log in now.
link-still-good = Your link is still good.
other-registration = This browser registered with another password than this link is for.
resend = Send the mail again
resend-text = The mail whose link confirms the address you registered with.
resend-button = Send it again
resend-sent = If somebody registered with this address in the last 24 hours, a mail is on its way.
forgot = A new password
forgot-text = We send a link to your address, and you choose a new password there.
forgot-button = Send the link
forgot-sent = If this address has an account, a mail with a link to a new password is on its way.
reset = Choose a new password
reset-text = All sessions end with it, on every device.
reset-button = Set the password
password-set = Your password is set
password-set-text = Your password is set: log in with it. All sessions have ended.
new-link = Have a new link sent
incomplete-link = The link is not complete
incomplete-link-text = This address lacks its token. Open the link exactly as it stands in the mail.

# Logging in and out
password-forgotten = The password is forgotten
no-mail-came = The mail to confirm the address did not come
log-in-with = Log in with { $name }
log-in-passkey = Log in with a passkey
log-in-passkey-text = Your browser asks which one, and has you unlock it as you unlock the device. It is enough by itself: we ask for no password and no code.
use-passkey = Use a passkey
by-password = By the password instead
by-passkey = By a passkey instead
by-code = By a code instead
second-step = Second step of the log-in
second-step-passkey = The password is right. Now show one of your passkeys.
second-step-code = The password is right. Give the code your authenticator app shows.
second-step-code-or-recovery = The password is right. Give the code your authenticator app shows, or one of your recovery codes.
log-in-over = The log-in is over
not-logged-in = You are not logged in
provider-too-late = This took too long, or was begun in another browser.
provider-said-nothing = The provider did not say who you are.
logged-out-here = You are logged out here
logged-out-here-text = This browser has forgotten your log-in. The session itself could not be ended at the moment: log in again in a minute and end it under “Where you are logged in”, or it ends by itself.

# The account
account-name = Name
account-not-confirmed = not confirmed
account-address = Address
account-role = Role
account-since = Since
account-data = Your data: have a copy, or have it erased
change-profile = Change your name and phone
change-profile-text = Orders that are placed already keep the name they were placed with.
profile-changed = It is changed
profile-changed-text = You are { $first } { $last } from now on.
change-password = Change the password
change-password-text = All other sessions end with it.
password-changed = Your password is changed
password-changed-text = Your password is changed, and all other sessions have ended.
change-email = Change the e-mail address
change-email-text = We send a link to the new address. Nothing changes until you open it there.
change-email-sent = Open the link in the mail we sent to the new address: it is yours from then on.
change-address = Change the address
confirm-email = Confirm your new address
confirm-email-text = It is your account's from then on. All sessions end, on every device, and you log in with it.
confirm-email-button = This is my address
email-changed = Your address is changed
email-changed-text = Your address is changed: log in with the new one.

# Addresses
address-name = Name
address-line1 = Street and number
address-line2 = More of it
address-postal-code = Postal code
address-city = City
address-region = State, province or county
address-country = Country
address-country-hint = Two letters, such as DE for Germany or GB for the United Kingdom (ISO 3166-1).
address-parcels-tick = Parcels go here unless I say otherwise
address-bills-tick = Bills go here
addresses-none = There is none yet.
address-is-for-parcels = Parcels go here.
address-is-for-bills = Bills go here.
address-parcels-here = Parcels here
address-bills-here = Bills here
add-address = Add an address
add-it = Add it
change-an-address = Change an address
address-added = The address is added.
address-changed = The address is changed.
address-deleted = The address is deleted. Orders that are placed keep theirs.
address-for-parcels = Parcels go there from now on, unless you say otherwise.
address-for-bills = Bills go there from now on.
address-gone = You have no such address any more.

# Sessions
sessions = Where you are logged in
session-this = this browser
session-seen = Last seen { $at } from { $client }.
session-seen-at = Last seen { $at } from { $client } ({ $place }).
session-begun = Logged in { $at }.
session-begun-proved = Logged in { $at } with a second factor.
session-end = End
session-end-which = { " " }the session on { $device }, last seen { $at }
session-end-others = End all others
session-end-all = End all, this one too
session-ended = The session has ended.
other-sessions-ended = All other sessions have ended.

# Passkeys
passkey = Passkey
passkeys = Passkeys
passkeys-none = You have none. With a passkey you log in by what unlocks your device, without a password; nobody can guess it, or have it from you by a page that only looks like ours.
passkeys-impossible = None can be added: browsers take no passkeys from a shop that is reached by an IP address.
passkey-used = Added { $added }, used last { $used }.
passkey-unused = Added { $added }, not used yet.
passkey-name = What you call it
passkey-name-hint = Such as: my phone.
passkey-added = The passkey is added: it opens your account from now on.
passkey-renamed = The passkey has its new name.
passkey-removed = The passkey is removed: it opens nothing any more. Delete it on the device, too.
add-passkey = Add a passkey
add-passkey-text = A passkey is kept by your phone, your computer, a password manager or a security key, and unlocked there: by a finger, a face or a PIN. It opens your account without a password, and cannot be given to a page that only looks like ours. We ask who you are first, so that nobody adds theirs who finds your browser open.
make-passkey = Make the passkey
make-passkey-text = Your browser asks where to keep it, and has you unlock it once. You have five minutes.
rename-passkey = Rename a passkey
remove-passkey = Remove a passkey
remove-passkey-text = “{ $name }” opens your account no more. Where you are logged in you stay so.

# The second factor
second-step-passkeys = { $count ->
    [one] You have a passkey, which counts as a second factor too: a log-in with it asks for nothing else.
   *[other] You have { $count } passkeys, of which each counts as a second factor too: a log-in with it asks for nothing else.
}
second-step-on = It is on: a log-in asks for your password and then for a code of your authenticator app, or for a recovery code.
second-step-off = It is off: a log-in asks for your password alone. With an authenticator app it asks for a code too, and a stolen password is not enough.
second-step-required = Your role permits nothing without it.
set-up-app = Set up an authenticator app
set-up-app-text = You need an app that makes codes by time (TOTP), on your phone or in your password manager. We ask for your password first, so that nobody sets up theirs who finds your browser open.
totp = Add the secret to your app
totp-scan = Scan this with the app:
totp-qr-code = QR code with the secret, for the camera of your app
totp-on-this-device = Is the app on this device?
totp-open = Open it with the secret
totp-by-hand = Otherwise add an account to the app by hand, by time (TOTP), and type this secret:
totp-code = Give the code it shows then. Nothing changes before.
totp-leave = Leave it as it is
six-digits = The six digits that the app shows now.
switch-on = Switch it on
second-factor-on = Your second factor is set up
second-factor-on-text = From now on a log-in asks for a code of your app.
recovery-codes-left = Recovery codes left
recovery-codes-few = renew them soon: without one, a lost device means a lost account
recovery-codes-renew = Renew the recovery codes
recovery-codes-once = These recovery codes are shown this once.
recovery-codes-keep = Write them down or print this page, and keep them where your device is not. Each works once in place of a code, for when the device is lost.
recovery-codes-kept = I have kept them
recovery-codes-button = Give me new ones
new-recovery-codes = New recovery codes
new-recovery-codes-text = You get ten new ones. Those you have from before work no more.
your-recovery-codes = Your new recovery codes
your-recovery-codes-text = Those you had before work no more.
give-up = Give up the second factor
give-up-text = From then on whoever knows your password can log in. Your recovery codes work no more either.
give-up-button = Give it up
given-up = It is given up. A log-in asks for the password alone.

# One's data: a copy of it, and its erasure
make-copy = Make a copy
copy = A copy of your data
copy-text = All that our services keep of you, as one file that people and programs can read (JSON). We ask for your password, since all of it is in there.
copy-begun = Your copy is being made. A mail tells you when it is ready, and this page does.
copy-there = Your newest copy is less than an hour old: fetch that one.
account-kept = Your account is kept: nothing of it is erased.
data-copy = A copy
data-copy-text = All that our services keep of you, as one file.
data-copy-asked = Asked for { $at }, deleted { $until }.
data-fetch = Fetch the file (JSON)
data-asked = asked for { $at }
data-link-until = This link works until { $until }, for whoever has it; look at this page again for another.
data-being-made = It is being made.
data-erasing = Erasing it
data-erasing-text = Your account and everything about you goes, in all our services. The next page says what that means, before anything is done.
data-erase = Erase my account …
data-erasure-begun = Your account is being erased. That cannot be undone any more.
kept-by-user = Account, addresses and log-ins
kept-by-product = Catalogue and stock
kept-by-order = Orders
kept-by-payment = Payments and refunds
kept-by-notify = Mails and the inbox
progress-copied = copied { $at }
progress-erased = erased { $at }
progress-not-yet = not yet
erase = Erase your account
erase-button = Erase my account
erase-all-goes = Your account goes, and with it everything about you, in all our services.
erase-orders-cancelled = Orders that have not left yet are cancelled, and their money goes back to you.
erase-what-is-kept = Orders and bookings that the law makes the shop keep are kept, without your name and your address.
erase-not-at-once = It does not begin at once, but some days later: three, unless the shop decided otherwise. The next page and a mail say when.
erase-undo = Until it begins you can undo it, under “Your data” or by the link in the mail.
erase-no-undo = Once it has begun it cannot be undone, by you or by us.
erase-keep-something = Do you want to keep something? A copy goes with the account, so it has to be made before.
erase-copy-first = Have a copy made
erase-understood = I understand what is erased, and that it cannot be undone once it has begun
erase-not-understood = Tick that you understand what is erased. Nothing was done.
erasure = Erasing your account
erasure-due = Your account will be erased on { $at }.
erasure-asked = That was asked for { $at }. Until it begins you can keep your account; afterwards it cannot be undone.
erasure-keep = Keep my account
erasure-was-kept = Your account was kept: nothing of it is erased.
erasure-erasing = Your account is gone. Not every service has said yet that it has erased what it kept of you; look at this page again later.
erasure-done = Everything about you is erased. Orders and bookings that the law makes the shop keep are kept without your name and your address.
erasure-kept = Your account is kept
erasure-kept-text = Nothing of it is erased. If it was not you who asked for that, change your password.
erasure-asked-title = Your account will be erased
erasure-begins = It begins on { $at }.
erasure-until-then = Until then you can undo it, under “Your data” or by the link in the mail that we send you. Afterwards it cannot be undone.
erasure-no-account = When there is no account any more, another page shows how far it is. Its address stands in the mail too.
erasure-how-far = How far it is
erasure-keep-after-all = Your data: keep the account after all

# What was ordered without an account
guest = Ordered without an account
guest-is-joined = What was ordered with your address is in your account.
guest-somebody = Somebody, probably you, ordered with your e-mail address and without an account.
guest-has-account = Your address has an account. What was ordered without it can be put there: you see where it stands, and can cancel it.
guest-join = Put it into my account
guest-has-none = Your address has no account yet. Register with it: once you have confirmed it, what was ordered is there.
guest-not-you = It was not you?
guest-not-you-text = Your address is forgotten then, at once. What has not left yet is cancelled, and what was paid for it goes back.
guest-forget = It was not me: forget my address
guest-forgotten = Your address is forgotten
guest-forgotten-text = Your address is forgotten. What had not left yet is cancelled, and what was paid goes back.
guest-joined = It is in your account
guest-joined-text = What you ordered is in your account: log in to see it.

# What one was told
messages = Your messages
messages-link = Messages
messages-not-read-yet = not read yet
messages-none-unread = You have read all of them.
messages-unread = { $count ->
    [one] One is not read yet.
   *[other] { $count } are not read yet.
}
messages-mark-read = Mark all as read
messages-all-read = All are marked as read.
message-new = new
message-order = The order it is about
