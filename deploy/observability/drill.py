"""The fault drill; see drill-check.sh."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass

import lint
from prometheus_api import Prometheus, until

GATEWAY, MAILS = os.environ["GATEWAY_URL"], os.environ["MAIL_URL"]
# An alert waits a minute; looking, evaluating and a connection that is given up come on top.
TO_FIRE = 180
TO_END = 180


@dataclass
class Fault:
    name: str
    stop: str
    alert: str
    runbook: str
    # The panel that shows it, and the label whose series is to be 0.
    panel: str
    label: tuple
    # Whether orders are still taken meanwhile.
    orders_taken: bool


FAULTS = [
    Fault("the broker", "rabbitmq", "BrokerAway", "broker-away.md", "Broker, as services see it", ("service", "order-service"), True),
    Fault("one database", "order-db", "DatabaseAway", "database-away.md", "Databases", ("service", "order-service"), False),
    Fault("one service", "order-service", "ServiceDown", "service-down.md", "Services", ("job", "order-service"), False),
]


class Shopper:
    """Somebody with a confirmed address who is logged in, so that they can order also while mails do not come."""

    def __init__(self):
        self.address, password = f"drill.{uuid.uuid4().hex[:8]}@example.com", uuid.uuid4().hex
        person = {"first_name": "Dora", "last_name": "Drill", "email": self.address, "password": password}
        ask(f"{GATEWAY}/api/auth/register", person)
        link, _ = until("a mail to confirm the address", self.verification_mail, 60)
        ask(f"{GATEWAY}/api/auth/verify-email", {"token": re.search(r"token=(\S+)", link)[1], "password": password})
        status, session = ask(f"{GATEWAY}/api/auth/login", {"email": self.address, "password": password})
        self.authorization = {"authorization": f"Bearer {session['token']}"}
        _, products = ask(f"{GATEWAY}/api/products?limit=50")
        self.sku = next(product["sku"] for product in products["items"] if product["available"] > 20)

    def verification_mail(self):
        _, found = ask(f"{MAILS}/api/v1/search?query=to:{self.address}")
        ids = [one["ID"] for one in found["messages"] if "Confirm" in one["Subject"]]
        return ids and ask(f"{MAILS}/api/v1/message/{ids[0]}")[1]["Text"]

    def order(self):
        """Status and answer of placing an order."""
        where = {"name": "Dora Drill", "line1": "1 Drill Street", "postal_code": "1010", "city": "Vienna", "country": "AT"}
        body = {"lines": [{"sku": self.sku, "quantity": 1}], "payment_method": "sim_ok", "shipping_address": where}
        return ask(f"{GATEWAY}/api/orders", body, **self.authorization, **{"idempotency-key": str(uuid.uuid4())})

    def is_paid(self, order_id):
        status, order = ask(f"{GATEWAY}/api/orders/{order_id}", **self.authorization)
        return status == 200 and order["status"] == "paid"

    def order_goes_through(self):
        (_, placed), _ = until("an order taken", lambda: (answer := self.order())[0] == 201 and answer, 60)
        until(f"order {placed['number']} paid", lambda: self.is_paid(placed["id"]), 60)
        return placed


def ask(url, body=None, **headers):
    """Status and body of a GET, or of a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as answer:
        text = answer.read()
        return answer.code, json.loads(text) if text.startswith(b"{") else None


def say(sentence):
    print(f"{time.strftime('%H:%M:%S')}  {sentence}", flush=True)


def panel_value(prometheus, fault):
    """What the panel shows for the part that was stopped."""
    board = lint.dashboards()["ecom-platform"]
    panel = next(panel for panel in lint.panels(board) if panel["title"] == fault.panel)
    series = prometheus.query(panel["targets"][0]["expr"])
    return next((value for labels, value in series if labels.get(fault.label[0]) == fault.label[1]), None)


def commands(runbook):
    """The runbook's commands for Compose, as they are written."""
    found = re.search(r"```sh compose\n(.*?)```", (lint.RUNBOOKS / runbook).read_text(), re.S)
    return found[1]


def run(script):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"failed:\n{script}\n{done.stdout}{done.stderr}")
    return done.stdout


def drill(prometheus, shopper, fault):
    def fires():
        return [labels for labels in prometheus.firing(fault.alert) if labels.get(fault.label[0]) == fault.label[1]]

    if fires():
        raise SystemExit(f"{fault.alert} fires already: the drill needs a stack that is well")
    say(f"{fault.name}: docker compose stop {fault.stop}")
    try:
        run(f"docker compose stop {fault.stop}")
        return mend(prometheus, shopper, fault, fires)
    finally:
        # Whatever went wrong, nothing is left stopped. After the runbook's commands it runs already.
        subprocess.run(["docker", "compose", "start", fault.stop], capture_output=True, check=False)


def mend(prometheus, shopper, fault, fires):
    """From the alert to its end, by the runbook."""
    waiting = None
    if fault.orders_taken:
        status, waiting = shopper.order()
        if status != 201:
            raise SystemExit(f"an order is answered {status} while {fault.name} is away, and should be taken")
        say(f"  order {waiting['number']} is taken all the same, and waits")
    labels, fired = until(f"{fault.alert} firing", fires, TO_FIRE)
    say(f"  {fault.alert} fires after {fired} s: {labels[0]}")
    shown = panel_value(prometheus, fault)
    if shown != "0":
        raise SystemExit(f"Platform › {fault.panel} shows {shown} for {fault.label[1]}, expected 0")
    say(f"  Platform › {fault.panel} shows {fault.label[1]} = {shown}")
    script = commands(fault.runbook)
    say(f"  docs/runbooks/{fault.runbook}, as written:\n" + "".join(f"            {line}\n" for line in script.splitlines()).rstrip("\n"))
    began = time.monotonic()
    run(script)
    placed = shopper.order_goes_through()
    mended = round(time.monotonic() - began)
    say(f"  order {placed['number']} is placed and paid {mended} s after the runbook was begun")
    if waiting:
        until(f"order {waiting['number']} paid", lambda: shopper.is_paid(waiting["id"]), 60)
        say(f"  order {waiting['number']}, which waited, is paid")
    _, ended = until(f"{fault.alert} at its end", lambda: not fires(), TO_END)
    shown_after = panel_value(prometheus, fault)
    say(f"  {fault.alert} has ended; the panel shows {shown_after}")
    return fault, fired, shown, mended, mended + ended


def main():
    names = os.environ.get("DRILL", "").split()
    unknown = set(names) - {fault.stop for fault in FAULTS}
    if unknown:
        raise SystemExit(f"DRILL names {', '.join(sorted(unknown))}; there are: {', '.join(fault.stop for fault in FAULTS)}")
    chosen = [fault for fault in FAULTS if not names or fault.stop in names]
    prometheus = Prometheus(os.environ["PROMETHEUS_URL"])
    shopper = Shopper()
    say(f"order {shopper.order_goes_through()['number']} goes through before anything is stopped")
    rows = [drill(prometheus, shopper, fault) for fault in chosen]
    print("\n| stopped | alert | fires after | panel | runbook | orders go through after | alert ends after |")
    print("|---|---|---|---|---|---|---|")
    for fault, fired, shown, mended, ended in rows:
        panel = f"Platform › {fault.panel}: {fault.label[1]} = {shown}"
        print(f"| {fault.name} (`{fault.stop}`) | {fault.alert} | {fired} s | {panel} | [{fault.runbook}]({fault.runbook}) | {mended} s | {ended} s |")


if __name__ == "__main__":
    sys.exit(main())
