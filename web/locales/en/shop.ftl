### The shop: what is sold, the cart, the checkout, and one's orders.

# The first page
home-title = Shop
home-about = look around, put it into the cart, and order with an account or without.
home-heading = Things worth keeping
home-search-hint = What are you looking for?
home-categories = Categories
home-new = New here
home-everything = See everything
home-development = Development
home-development-text = This shop runs on your machine, with sample products and a payment provider that is simulated. Buy something, and see what comes of it.
home-development-flow = Watch how the order flows
home-development-mails = Read the mails
home-development-api = What runs here, and the API

# The catalogue
search-catalogue = Search the catalogue
catalogue-away = The catalogue cannot be reached at the moment. Come again in a minute.
catalogue-empty = There is nothing here yet. Samples come by the command
products-searched = “{ $words }”
products-category = Category
products-all-categories = All categories
products-sort = Sort by
products-best-first = Best first
products-newest = Newest
products-cheapest = Cheapest
products-dearest = Dearest
products-by-name = By name
products-from = From
products-to = to
products-show = Show
products-no-price = That is no price. Write it like 20 or 19.99, without anything else.
products-nothing-found = Nothing was found.
products-everything = Show everything
products-more = More products

# A product
pieces = Pieces
stock-sold-out = sold out
stock-few-left = only { $count } left
stock-in-stock = in stock
product-sent-when-paid = sent when it is paid
product-not-sold = not sold any more
product-into-cart = Put into the cart
product-more-like-this = More like this

# The cart
cart = Your cart
cart-empty = There is nothing in it yet.
cart-look-around = Look around
cart-line = { $price } a piece, { $total } in all
cart-pieces-of = Pieces of { $name }
cart-how-many-of = how many of { $name }
cart-total = In all
cart-not-checked = Whether something has changed cannot be told at the moment.
cart-has-changed = Something has changed since you were told. What is sold out or not sold any more goes out of the cart when you go on.
cart-agree = Take it as it is now
cart-checkout = Go to the checkout
cart-look-further = Look further
cart-now-costs = A piece costs { $now } by now; it was { $before }.
cart-sold-out = It is sold out.
cart-few-left = { $count ->
    [one] There is { $count } left.
   *[other] There are { $count } left.
}
cart-not-sold = It is not sold any more.
cart-added = It is in your cart.
cart-changed = Your cart is changed.
cart-agreed = These are the prices and pieces of now.
cart-again = What you ordered is in your cart again.

# The checkout
checkout = Checkout
checkout-what = What you order
checkout-change-cart = Change the cart
checkout-account-or-not = With an account or without
checkout-as-guest = You order as a guest. What is ordered so is shown in this browser alone, and in the account of your address once you have one.
checkout-log-in = I have an account: log in
checkout-where-and-how = Where it goes and how it is paid
checkout-obliges = With this button you order with the obligation to pay.
checkout-button = Order and pay
checkout-email-hint = Mails about this order go there, and nothing else.
checkout-country-hint = Two letters, such as DE.
checkout-address = Where it goes
checkout-address-below = Another address, below
checkout-another-address = Another address
checkout-keep-address = Keep it in my address book
checkout-payment = Payment
checkout-sim-ok = Simulated: is paid at once
checkout-sim-slow = Simulated: is paid after a while
checkout-sim-declined = Simulated: is declined
checkout-sim-error = Simulated: the provider has trouble
checkout-sim-lost = Simulated: the provider's answer is lost

# Orders
lines-what = What
lines-price = Price
order = Order { $number }
order-given-back = Given back
order-ordered = Ordered
order-goes-to = It goes to
order-again = Order it again
order-cancel = Cancel the order
order-withdraw = Withdraw from the contract
order-of-guest = You ordered without an account: this page is for this browser alone. The mail about the order holds a link that puts it into an account.
order-looks-again = This page looks again every few seconds until that is settled.
order-do-not-look-again = Do not look again by itself
order-looks-no-more = This page does not look again by itself.
order-address-kept = The address is in your address book now.
order-address-not-kept = The order is placed, but its address could not be kept.
order-add-address = Add it to your address book
orders-line = { $at }, { $total }.
order-pending = We have your order, and wait for its payment.
order-paid = It is paid, and waits to be sent.
order-fulfilled = It is on its way to you.
order-completed = It is done.
order-declined = Its payment was declined, and it is cancelled. Nothing was charged.
order-overdue = Its payment did not come in time, and it is cancelled. What comes later is given back.
order-expired = What it held was given to others meanwhile, and it is cancelled. What was paid is given back.
order-cancelled = It is cancelled. What was paid is given back.

# Withdrawing from a contract, in the words of the law
withdraw-lead = You have bought here, and want to withdraw from the contract? Say from which, and where the receipt is to go. You need neither an account nor a reason.
withdraw-next = On the next page you see it once more. Only there you confirm it.
withdraw-order-number = Order number
withdraw-order-number-hint = It stands in every mail about the order.
withdraw-name = Your name
withdraw-email-hint = The receipt goes there. Best is the one you ordered with.
withdraw-reason-asked = A reason, if you like: you need not give one
withdraw-continue = Continue
withdraw-confirm = Confirm your withdrawal
withdraw-declaration = I withdraw from the contract about this order:
withdraw-receipt-goes-to = The receipt goes to
withdraw-reason = Reason
withdraw-button = Confirm withdrawal
withdraw-change = Change it
withdraw-received = Your withdrawal is received
withdraw-received-at = We received it on { $at }.
withdraw-receipt-sent = A receipt with this date and time is on its way to { $email }. We look at your declaration and see to the rest.
