#!/usr/bin/env python3
"""A steady load of orders, and what came of it.

load.py prepare FOLDER    with the administrator's password in ADMIN_PASSWORD: something to sell, and buyers
load.py run FOLDER        orders until FOLDER/stop is there; then waits until each is paid and its mail has come
load.py phase FOLDER NAME what was asked in a phase, in one line; exit code 1 when a request failed
load.py judge FOLDER      exit code 1 when an order was lost

GATEWAY_URL and MAIL_URL say where. FOLDER/phase holds the name of what is going on. FOLDER/client.jsonl is for
`ecom doctor --client-log`.
"""
import json
import os
import pathlib
import sys
import threading
import time
import uuid

from shop import Failed, Log, Mails, Shop, lines

GATEWAY = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080")
MAIL = os.environ.get("MAIL_URL", "http://127.0.0.1:8025")
BUYERS = int(os.environ.get("BUYERS", "4"))
THINK = float(os.environ.get("THINK", "0.1"))  # seconds between two requests of a buyer
SKU, PRICE = "TRIAL-MUG", {"amount": 1999, "currency": "EUR"}
ADDRESS = {"name": "Ada Trial", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London", "country": "GB"}
PATIENCE = 600  # seconds in which a buyer gets an answer to an order, or it counts as never answered


def log_in(shop, email, password):
    return shop.insist("login", "POST", "/api/auth/login", {"email": email, "password": password})["token"]


def prepare(folder):
    shop, mails = Shop(GATEWAY), Mails(MAIL)
    token = {"authorization": "Bearer " + log_in(shop, "admin@example.com", os.environ["ADMIN_PASSWORD"]), "if-match": "*"}
    shop.insist("category", "PUT", "/api/categories/trial", {"name": "Trial"}, **token)
    product = {"sku": SKU, "name": "Trial mug", "description": "Sold in a trial.", "category": "trial", "price": PRICE,
               "status": "active", "stock": 1_000_000}
    sold = shop.insist("product", "POST", "/api/products", product, **{"idempotency-key": str(uuid.uuid4())}, **token)
    people = []
    for _ in range(BUYERS):
        email, password = f"buyer.{uuid.uuid4().hex[:10]}@example.com", uuid.uuid4().hex
        person = {"first_name": "Ada", "last_name": "Trial", "email": email, "password": password}
        who = shop.insist("register", "POST", "/api/auth/register", person)["user_id"]
        link = {"token": mails.link_token(email), "password": password}
        shop.insist("verify", "POST", "/api/auth/verify-email", link)
        people.append({"id": who, "email": email, "password": password})
    (folder / "people.json").write_text(json.dumps({"product": sold["id"], "people": people}))
    print(f"load: {len(people)} buyers are registered, confirmed by mail, and have something to buy")


class Buyer:
    def __init__(self, folder, person, product, logs):
        self.person, self.product, self.logs = person, product, logs
        self.folder, self.token = folder, None
        self.shop = Shop(GATEWAY, logs["requests"], self.phase)

    def phase(self):
        return (self.folder / "phase").read_text().strip()

    def stopped(self):
        return (self.folder / "stop").exists()

    def signed(self, what, method, path, body=None, **headers):
        """Asked as who is logged in; a token that has ended is renewed."""
        while True:
            if self.token is None:
                self.token = log_in(self.shop, self.person["email"], self.person["password"])
            status, content = self.shop.ask(what, method, path, body, authorization=f"Bearer {self.token}", **headers)
            if status != 401:
                return status, content
            self.token = None

    def look(self, what, path):
        """Something that is only read: a failed one is in the log, and a buyer goes on."""
        time.sleep(THINK)
        try:
            status, content = self.signed(what, "GET", path)
        except Failed:
            return None
        if status != 200:
            self.logs["wrong"].write(what=f"GET {path} answers {status}: {content}")
        return content if status == 200 else None

    def work(self):
        while not self.stopped():
            self.look("page", "/")
            self.look("products", "/api/products?limit=20")
            self.look("product", f"/api/products/{self.product}")
            order = self.order()
            if order:
                self.follow(order)
                self.look("orders", "/api/orders?limit=5")
                self.look("payments", "/api/payments?limit=5")
                self.look("notifications", "/api/notifications?limit=5")

    def order(self):
        """One key's life: the same request under the same key until it is answered for good."""
        key, phase, began = str(uuid.uuid4()), self.phase(), time.monotonic()
        body = {"lines": [{"sku": SKU, "quantity": 1}], "payment_method": "sim_ok", "shipping_address": ADDRESS}
        order, outcome, tries = None, "unknown", 0
        time.sleep(THINK)
        while time.monotonic() - began < PATIENCE:
            tries += 1
            try:
                status, answer = self.signed("order", "POST", "/api/orders", body, **{"idempotency-key": key})
            except Failed as cause:
                time.sleep(cause.wait)
                continue
            if status == 201:
                order, outcome = answer, "ok"
            else:
                outcome = "failed"
                self.logs["wrong"].write(what=f"an order was refused with {status}: {answer}")
            break
        self.logs["client"].write(
            key=key, customer_id=self.person["id"], outcome=outcome, order_ids=[order["id"]] if order else [],
            total=order and order["total"], lines=[{"sku": SKU, "quantity": 1}], differing_answers=False)
        if order:
            self.logs["orders"].write(id=order["id"], number=order["number"], email=self.person["email"], phase=phase,
                                      tries=tries, seconds=round(time.monotonic() - began, 3))
        return order

    def follow(self, order, seconds=30):
        """Until it is paid; one that takes longer is looked at again in the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stopped():
            seen = self.look("follow", f"/api/orders/{order['id']}")
            if seen and seen["status"] == "paid":
                return


def watch_mails(folder, logs, done):
    mails = Mails(MAIL)
    while not done.is_set():
        try:
            for mail, to, subject in mails.look():
                logs["mails"].write(id=mail, to=to, subject=subject)
        except Failed:
            pass
        done.wait(1)


def run(folder):
    logs = {name: Log(folder / f"{name}.jsonl") for name in ("requests", "client", "orders", "mails", "wrong")}
    known = json.loads((folder / "people.json").read_text())
    done = threading.Event()
    watcher = threading.Thread(target=watch_mails, args=(folder, logs, done))
    watcher.start()
    buyers = [Buyer(folder, person, known["product"], logs) for person in known["people"]]

    def buy(buyer):
        try:
            buyer.work()
        except BaseException as cause:  # a buyer that ended is a load that was not there
            logs["wrong"].write(what=f"a buyer ended: {cause!r}")
            raise
    threads = [threading.Thread(target=buy, args=(buyer,)) for buyer in buyers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(folder, {buyer.person["email"]: buyer for buyer in buyers})
    done.set()
    watcher.join()


def confirmed(folder):
    """How many mails tell that it is paid, by the order's number."""
    counts = {}
    for mail in lines(folder / "mails.jsonl"):
        number = mail["subject"].removeprefix("Payment received: order ").removesuffix(" is confirmed")
        if number != mail["subject"]:
            counts[number] = counts.get(number, 0) + 1
    return counts


def settle(folder, buyers, seconds=180):
    """Waits until every order that was answered 201 is paid and its mail is there."""
    waiting = {order["number"]: order for order in lines(folder / "orders.jsonl")}
    states, end = {}, time.monotonic() + seconds
    while waiting and time.monotonic() < end:
        mailed = confirmed(folder)
        for number, order in list(waiting.items()):
            if states.get(number) != "paid":
                buyer = buyers[order["email"]]
                try:
                    _, seen = buyer.signed("settle", "GET", f"/api/orders/{order['id']}")
                    states[number] = seen.get("status", str(seen))
                except Failed:
                    continue
            if states[number] == "paid" and str(number) in mailed:
                del waiting[number]
        time.sleep(1)
    lost = [{**order, "status": states.get(number, "not answered"), "mails": confirmed(folder).get(str(number), 0)}
            for number, order in waiting.items()]
    (folder / "result.json").write_text(json.dumps({"lost": lost}))


def phase(folder, name):
    asked = [one for one in lines(folder / "requests.jsonl") if one["phase"] == name]
    failed = [one for one in asked if one["why"]]
    orders = [one for one in lines(folder / "orders.jsonl") if one["phase"] == name]
    seconds = sorted(one["seconds"] for one in asked if not one["why"]) or [0.0]
    again = sum(1 for one in orders if one["tries"] > 1)
    print(f"{len(asked)} requests, {len(failed)} failed, {len(orders)} orders ({again} after a retry), "
          f"median {seconds[len(seconds) // 2] * 1000:.0f} ms, slowest {seconds[-1] * 1000:.0f} ms")
    kinds = {}
    for one in failed:
        kinds.setdefault((one["what"], one["why"][:160]), []).append(one)
    for (what, why), ones in sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:8]:
        print(f"  {len(ones)} x {what}: {why}", file=sys.stderr)
    if not orders:
        print("  there was no order in it", file=sys.stderr)
    return 1 if failed or not orders else 0


def judge(folder):
    orders, wrong = lines(folder / "orders.jsonl"), lines(folder / "wrong.jsonl")
    keys, mailed = lines(folder / "client.jsonl"), confirmed(folder)
    lost = json.loads((folder / "result.json").read_text())["lost"]
    unanswered = [key for key in keys if key["outcome"] != "ok"]
    twice = sum(1 for count in mailed.values() if count > 1)
    print(f"{len(orders)} orders were answered 201; {len(lost)} of them lost (not paid, or no mail of it), "
          f"{len(unanswered)} never answered 201, {twice} mails came twice")
    for one in [*lost, *unanswered, *wrong][:10]:
        print(f"  {one}", file=sys.stderr)
    return 1 if lost or unanswered or wrong or not orders else 0


if __name__ == "__main__":
    command, where, *rest = sys.argv[1:]
    sys.exit({"prepare": prepare, "run": run, "phase": phase, "judge": judge}[command](pathlib.Path(where), *rest))
