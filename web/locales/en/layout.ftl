### What all pages share: the frame around them, forms, and what is said of addresses that lead nowhere.

layout-about = Look around, put it into the cart, and order: with scripts or without, on any screen.
layout-skip = Skip to the content
layout-shop = Shop
layout-cart = Cart
layout-you = You
layout-back-office = Back office
layout-account = Account
layout-more = More
layout-developers = For developers

# Links and buttons that stand on several pages
catalogue = Catalogue
your-orders = Your orders
your-account = Your account
your-addresses = Your addresses
your-data = Your data
withdraw = Withdraw from a contract
start-page = Start page
to-the-shop = To the shop
log-in = Log in
log-out = Log out
register = Register
search = Search
change = Change
change-it = Change it
delete = Delete
remove = Remove
remove-it = Remove it
rename = Rename
save = Save
go-on = Go on
leave-it = Leave it
begin-again = Begin again
look-again = Look again
older-ones = Older ones
none-here-yet = There is none here yet.

# Times to wait
span-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}

# Pages that say one thing
not-found = Not found
nothing-here = There is nothing at this address.
did-not-work = That did not work
not-just-now = Not just now
something-went-wrong = Something went wrong on our side. It has been logged.
form-unreadable = What the form sent cannot be read. Go back and send it again.
address-unreadable = This address cannot be read: something stands in it twice, or is not complete.
not-from-here = That did not come from here
not-from-here-text = This came from a page of another site, or from a browser that does not say from which, so nothing was done. Open the page here and send its form again.
too-large = That is too large
too-large-text = What was sent is larger than 256 KiB, which is the most that is taken, and nothing was done. Go back and send less: a picture with fewer pixels, or as JPEG.

# Forms; the prefix stands before a page's title
error-prefix = Error:
some-fields-are-wrong = Some fields are not acceptable.
may-be-left-out = May be left out.
form-code = Code
form-new-password-hint = 8 characters or more, better 15.
form-stored = Stored by now:
form-no-scripts = Browsers give passkeys to scripts alone, and scripts are switched off here.
form-no-passkey = Nothing was done: browsers give passkeys to scripts alone, and here they are switched off.
passkey-unknown-here = This browser knows no passkeys, or not here: they need https, or an address on this machine.
passkey-cancelled = Nothing was done: it was cancelled, took too long, or there is no such passkey within reach.
passkey-exists-here = Nothing was done: there is a passkey of your account on this device already.
passkey-elsewhere = The browser takes no passkeys on this page: its address is not the one that the shop goes by.
passkey-failed = The browser could not do it. Try again, or another way.
