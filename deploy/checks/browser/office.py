"""A merchant's day in a real browser, by keyboard: once on a small screen with scripts switched off, once on a large one with them.

    office.py FRONT_DOOR PICTURES DATA_FOLDER     with the password of admin@example.com on its standard input

A product is made, gets its picture and its stock; an order is sent, others together; one is written about, one is cancelled and
its money goes back; a withdrawal is closed; a dead letter is tried again.
"""

import json
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
import zlib
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from shop import Shopper, new_customer
from walk import FRONT_DOOR, PASSWORD, PICTURES, passed, screens, wait_for

DATA = Path(sys.argv[3])
STAFF, STAFF_PASSWORD = "admin@example.com", sys.stdin.readline().strip()
ADDRESS = {"name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London", "country": "GB"}


def ask(path, body=None, token=None, **headers):
    headers = {"content-type": "application/json", **headers}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{FRONT_DOOR}/api{path}", data, headers), timeout=10) as answer:
        return json.load(answer)


def token_of(email, password):
    return ask("/auth/login", {"email": email, "password": password})["token"]


def paid_orders(email, count):
    """So many orders of somebody, all paid."""
    token, sku = token_of(email, PASSWORD), ask("/products?sort=price&limit=1")["items"][0]["sku"]
    body = {"lines": [{"sku": sku, "quantity": 1}], "payment_method": "sim_ok", "shipping_address": ADDRESS}
    orders = [ask("/orders", body, token, **{"idempotency-key": uuid.uuid4().hex}) for _ in range(count)]

    def paid():
        stand = {order["id"]: order["status"] for order in ask("/orders?limit=100", token=token)["items"]}
        return all(stand[order["id"]] == "paid" for order in orders)

    wait_for("paid orders", paid)
    return orders


def dead_letter(order, staff):
    """notify-service gives an event of the order up, as if it had failed too often. Gives the event's id."""
    events = ask(f"/orders/events?journey={order['id']}&type=order.paid", token=staff)["items"]
    event = ask(f"/orders/events/{events[0]['id']}", token=staff)
    run = json.loads((DATA / "run.json").read_text())
    database = run.get("owners", {}).get("notify-service") or run["databases"]["notify-service"]
    changed = ("UPDATE inbox SET status = 'dead', attempts = 8, reason = 'a rehearsal of the browser''s walk', envelope = :'envelope' "
               "WHERE event_id = :'event' AND status = 'done' RETURNING 1;")
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--set", f"envelope={json.dumps(event['envelope'])}",
               "--set", f"event={event['id']}", database]

    def given_up():
        told = subprocess.run(command, input=changed, capture_output=True, text=True, check=True)
        return told.stdout.strip() == "1"

    wait_for("the event at notify-service", given_up)
    return event["id"]


def photograph():
    """A picture of 800 by 600, of its own colour."""
    colour = uuid.uuid4().bytes[:3]
    rows = b"".join(b"\0" + colour * 800 for _ in range(600))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 800, 600, 8, 2, 0, 0, 0)
    file = Path(tempfile.mkdtemp()) / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return file


class Merchant(Shopper):
    def press(self, words):
        self.key(self.reached(words))

    def reached(self, words):
        """What has these words, by the tabulator alone."""
        for _ in range(250):
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
            here = self.browser.switch_to.active_element
            if here.tag_name in ("a", "button", "summary") and words in here.text:
                return here
        sys.exit(f"{self.browser.current_url}: the tabulator does not reach {words!r}")

    def put(self, field, value):
        element = self.browser.find_element(By.ID, field)
        if element.get_attribute("type") != "file":
            element.clear()
        element.send_keys(str(value))

    def products(self):
        sku = f"LAMP-{uuid.uuid4().hex[:8].upper()}"
        self.press("Products")
        self.shoot("office-products", "New product")
        self.fits()
        self.press("New product")
        for field, value in (("name", "A desk lamp"), ("description", "It lights a desk."), ("sku", sku), ("stock", 3)):
            self.put(f"product-{field}", value)
        self.browser.find_element(By.ID, "product-category").send_keys("Lighting")
        self.put("product-price", "49.999")
        self.press("Make it")
        self.shoot("office-product-wrong", "That did not work")
        self.fits()
        self.put("product-price", "49.99")
        self.press("Make it")
        self.press("Put it on sale")
        self.put("picture", photograph())
        self.press("Take this picture")
        self.reached("Adjust it").send_keys(Keys.ENTER)
        self.put("adjust-quantity", 20)
        self.put("adjust-note", "the first delivery")
        self.press("Adjust the stock")
        self.shoot("office-product", "A desk lamp", "the first delivery", "23")
        self.fits()
        self.go(f"/products/{sku}")
        self.shoot("office-product-in-the-shop", "A desk lamp", "€49.99", "in stock")
        assert self.browser.find_elements(By.CSS_SELECTOR, "main img[srcset]"), "the picture is there in sizes"
        self.go("/office")
        self.press("Stock")
        self.shoot("office-stock", "Running low", "by SKU")
        self.fits()
        self.go("/office/categories")
        self.shoot("office-categories", "Lighting")
        self.fits()

    def orders(self, one, others, last):
        # From an order to shipped: its part, itself, the button.
        self.go("/office")
        self.press("Orders")
        self.shoot("office-orders", str(one["number"]))
        self.fits()
        self.press(str(one["number"]))
        self.shoot("office-order", "What was ordered", "order_paid")
        self.fits()
        self.press("It is sent")
        self.shoot("office-order-sent", "It is on its way.")
        self.put("text", "Packed by the window.")
        self.press("Write it down")
        self.holds("Packed by the window.", "The note is written.")
        self.go("/office/orders?status=paid")
        for order in others:
            self.browser.find_element(By.CSS_SELECTOR, f"main input[value='{order['id']}']").send_keys(Keys.SPACE)
        self.press("Those ticked are sent")
        self.shoot("office-orders-sent", "sent")
        self.fits()
        self.go(f"/office/orders/{last['id']}")
        self.press("Cancel, and give")
        self.comes_to("It is cancelled")
        self.shoot("office-order-cancelled", "What was paid goes back")

    def withdrawals(self, email, order):
        """Somebody without a log-in withdraws from the order; it is closed in a word, by keyboard."""
        body = {"order_number": str(order["number"]), "name": "Ada Lovelace", "email": email, "reason": "It is too small."}
        declared = ask("/orders/withdrawals", body, **{"idempotency-key": uuid.uuid4().hex})["id"]
        self.go("/office")
        self.press("Withdrawals")
        self.shoot("office-withdrawals", f"Order {order['number']}", email, "The address is that of the order's account.")
        self.fits()
        self.put(f"outcome-{declared}", "The money goes back once it is here.")
        self.key(self.browser.find_element(By.ID, f"outcome-{declared}"))
        self.shoot("office-withdrawal-closed", "It is closed.", "The money goes back once it is here.")
        self.fits()

    def people_and_money(self, email):
        self.go("/office")
        self.press("Customers")
        self.shoot("office-customers", email)
        self.fits()
        # Of one address there is one customer.
        self.put("q", email)
        self.press("Find")
        self.shoot("office-customer", email, "Their orders")
        self.fits()
        self.go("/office/payments")
        self.shoot("office-payments", "Payments")
        self.fits()
        self.key(self.browser.find_element(By.CSS_SELECTOR, "[data-row] a"))
        self.shoot("office-payment", "EUR")
        self.fits()

    def platform(self, letter):
        self.go("/office")
        self.shoot("office-today", "1 event was given up", "Orders as a table")
        self.fits()
        self.press("1 event was given up")
        self.shoot("office-dead-letters", "order.paid")
        self.fits()
        self.go(f"/office/dead-letters/{letter}?service=notify-service")
        self.shoot("office-dead-letter", "a rehearsal", "As it was received")
        self.fits()
        self.press("Try it again")
        self.shoot("office-dead-letter-replayed")

        def gone():
            self.go("/office/dead-letters")
            return "order.paid" not in self.text()

        wait_for("a letter that is dead no more", gone)
        for path in ("mails", "events", "audit"):
            self.go(f"/office/{path}")
            self.shoot(f"office-{path}")
            self.fits()

    def keys(self):
        """The keys that a script adds."""
        self.go("/office/products")
        body = self.browser.find_element(By.TAG_NAME, "body")
        body.send_keys("j")
        first = self.browser.switch_to.active_element.get_attribute("href")
        self.browser.switch_to.active_element.send_keys("j")
        second = self.browser.switch_to.active_element.get_attribute("href")
        assert first and second and first != second, (first, second)
        self.browser.switch_to.active_element.send_keys("k")
        assert self.browser.switch_to.active_element.get_attribute("href") == first
        self.browser.switch_to.active_element.send_keys("/")
        field = self.browser.switch_to.active_element
        assert field.get_attribute("id") == "find", field.get_attribute("outerHTML")
        field.send_keys("audit")
        self.key(field)
        self.holds("Audit")


def main():
    staff = token_of(STAFF, STAFF_PASSWORD)
    for width, scripts, begin in screens(500):
        began = time.monotonic()
        email = new_customer()
        one, *others, last = paid_orders(email, 4)
        letter = dead_letter(one, staff)
        walk = Merchant(width, scripts=scripts, seen=begin)
        try:
            walk.go("/office")
            walk.fill(email=STAFF, password=STAFF_PASSWORD)
            walk.press("Log in")
            walk.platform(letter)
            walk.go("/office")
            walk.products()
            walk.orders(one, others, last)
            walk.withdrawals(email, one)
            walk.people_and_money(email)
            if scripts:
                walk.keys()
        except BaseException:
            walk.browser.save_screenshot(str(PICTURES / "99-where-it-ended.png"))
            print(walk.browser.current_url, walk.text(), sep="\n", file=sys.stderr)
            raise
        finally:
            walk.browser.quit()
        passed("a merchant, by keyboard alone", width, scripts, began, walk.seen - begin)


if __name__ == "__main__":
    main()
