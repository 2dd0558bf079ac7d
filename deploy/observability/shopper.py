"""One shopper through the gateway, for the proofs: registers, confirms by the mail, logs in, orders."""
import json
import os
import re
import time
import urllib.error
import urllib.request
import uuid

GATEWAY = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080")
MAILS = os.environ.get("MAIL_URL", "http://127.0.0.1:8025")


def ask(url, body=None, **headers):
    """Answer and headers of a GET, or of a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null"), answer.headers
    except urllib.error.HTTPError as answer:
        raise SystemExit(f"{url} answers {answer.code}: {answer.read().decode()[:500]}") from None


def until(what, look, seconds=60):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise SystemExit(f"after {seconds} s there is still not {what}")
        time.sleep(0.5)
    return found


def mail(address, subject):
    """The text of the mail with this subject."""
    found, _ = ask(f"{MAILS}/api/v1/search?query=to:{address}")
    ids = [one["ID"] for one in found["messages"] if subject in one["Subject"]]
    return ask(f"{MAILS}/api/v1/message/{ids[0]}")[0]["Text"] if ids else None


def order():
    """Places an order and waits until its mail has come. Its id, its number and its trace's id."""
    address = f"proof.{uuid.uuid4().hex[:8]}@example.com"
    password = uuid.uuid4().hex
    person = {"first_name": "Prue", "last_name": "Proof", "email": address, "password": password}
    ask(f"{GATEWAY}/api/auth/register", person)
    link = until("a mail to confirm the address", lambda: mail(address, "Confirm"))
    ask(f"{GATEWAY}/api/auth/verify-email", {"token": re.search(r"token=(\S+)", link)[1], "password": password})
    session, _ = ask(f"{GATEWAY}/api/auth/login", {"email": address, "password": password})
    products, _ = ask(f"{GATEWAY}/api/products?limit=50")
    sku = next(product["sku"] for product in products["items"] if product["available"] > 0)
    lines = {"lines": [{"sku": sku, "quantity": 1}], "payment_method": "sim_ok"}
    where = {"name": "Prue Proof", "line1": "1 Proof Street", "postal_code": "1010", "city": "Vienna", "country": "AT"}
    headers = {"authorization": f"Bearer {session['token']}", "idempotency-key": str(uuid.uuid4())}
    placed, answer = ask(f"{GATEWAY}/api/orders", {**lines, "shipping_address": where}, **headers)
    until("a mail that the order is paid", lambda: mail(address, "Payment received"))
    return {
        "id": placed["id"],
        "number": placed["number"],
        "trace_id": answer["traceparent"].split("-")[1],
        "personal": [address, password, session["token"], "Prue", "Proof Street"],
    }
