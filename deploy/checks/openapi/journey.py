"""An order's whole way, gone with the client that openapi-python-client made from the documents.

    journey.py FRONT_DOOR OPENAPI    with the folder of the generated packages in PYTHONPATH

Writes the customer's token to standard output, and what it did to standard error.
"""

import json
import re
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import order.api.orders.place_order as place_order
import order.api.orders.show_order as show_order
import order.models as orders
import payment.api.payments.list_payments as list_payments
import product.api.catalogue.list_products as list_products
import user.api.accounts.current_user as current_user
import user.api.accounts.login as login
import user.api.accounts.register as register
import user.api.accounts.verify_email as verify_email
import user.models as users
from notify import AuthenticatedClient as NotifyClient
from notify.api.notifications import list_notifications
from order import AuthenticatedClient as OrderClient
from payment import AuthenticatedClient as PaymentClient
from product import Client as ProductClient
from user import AuthenticatedClient as UserClient
from user import Client as VisitorClient

FRONT_DOOR, DOCUMENTS = sys.argv[1], Path(sys.argv[2])
API = f"{FRONT_DOOR}/api"
PASSWORD = "seven brass lanterns drift"


def good(answer, status):
    assert answer.status_code == status, f"{answer.status_code}: {answer.content.decode(errors='replace')}"
    return answer.parsed


def wait_for(what, look):
    for _ in range(150):
        found = look()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"journey: {what} did not come")


def token_of_mail(email):
    """The token of the link that was mailed."""
    address = f"{FRONT_DOOR}/dev/mails.json?to={urllib.parse.quote(email)}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        mails = json.load(answer)
    links = [link for mail in mails for link in mail["links"]]
    tokens = [re.search(r"[?&]token=([^&]+)", link) for link in links]
    return next((urllib.parse.unquote(token.group(1)) for token in tokens if token), None)


def confirmation(token):
    """The body of POST /auth/verify-email: what the document wants to have."""
    schema = json.loads((DOCUMENTS / "user-service.json").read_text())["components"]["schemas"]["VerifyRequest"]
    wanted = {"token": token, "password": PASSWORD}
    return users.VerifyRequest.from_dict({name: wanted[name] for name in wanted if name in schema["properties"]})


def main():
    visitor = VisitorClient(base_url=API, timeout=20)
    email = f"{uuid.uuid4().hex}@example.com"
    person = users.RegisterRequest(first_name="Ada", last_name="Lovelace", email=email, password=PASSWORD)
    good(register.sync_detailed(client=visitor, body=person), 201)
    token = wait_for("the mail", lambda: token_of_mail(email))
    good(verify_email.sync_detailed(client=visitor, body=confirmation(token)), 200)
    entered = good(login.sync_detailed(client=visitor, body=users.LoginRequest(email=email, password=PASSWORD)), 200)

    def known(client):
        return client(base_url=API, token=entered.token, timeout=20)

    assert good(current_user.sync_detailed(client=known(UserClient)), 200).email == email

    # Through the whole catalogue, page by page.
    products, after = [], None
    while True:
        page = good(list_products.sync_detailed(
            client=ProductClient(base_url=API, timeout=20), limit=100, **({"after": after} if after else {})), 200)
        products += page.items
        after = page.next_
        if not after:
            break
    product = next(product for product in products if product.available >= 2)

    address = orders.AddressBody(
        name="Ada Lovelace", line1="12 St James's Square", postal_code="SW1Y 4JH", city="London", country="GB")
    wish = orders.PlaceOrderBody(
        lines=[orders.LineBody(sku=product.sku, quantity=2)], payment_method="sim_ok", shipping_address=address)
    key = str(uuid.uuid4())
    placed = good(place_order.sync_detailed(client=known(OrderClient), body=wish, idempotency_key=key), 201)
    again = good(place_order.sync_detailed(client=known(OrderClient), body=wish, idempotency_key=key), 201)
    assert again.id == placed.id, "a repeat made another order"

    def paid():
        order = good(show_order.sync_detailed(placed.id, client=known(OrderClient)), 200)
        return order if order.status == orders.OrderStatus.PAID else None

    order = wait_for("the payment", paid)
    assert order.total.amount == 2 * product.price.amount, order.total
    payments = good(list_payments.sync_detailed(client=known(PaymentClient), order_id=placed.id), 200)
    assert [(one.status, one.captured.amount) for one in payments.items] == [("captured", order.total.amount)], payments
    told = wait_for("the notification", lambda: good(
        list_notifications.sync_detailed(client=known(NotifyClient), unread=True), 200).items)
    print(f"journey: order {order.number} is paid, and its customer was told {len(told)} times", file=sys.stderr)
    print(entered.token)


main()
