"""The shop as a client sees it: one connection that is kept, and a line in a log for each request."""
import http.client
import json
import re
import ssl
import threading
import time
import urllib.parse


class Log:
    """JSON lines, from many threads."""

    def __init__(self, path):
        self.file, self.lock = open(path, "a", buffering=1, encoding="utf-8"), threading.Lock()

    def write(self, **entry):
        with self.lock:
            self.file.write(json.dumps(entry) + "\n")


def lines(path):
    """What a log holds, also of a line that is being written."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.split("\n")[:-1]]


class Failed(Exception):
    """No answer, or one that tells the client to come again."""

    def __init__(self, why, wait=0.25):
        super().__init__(why)
        self.wait = wait


class Shop:
    """One client's connection. Everything that is not an answer to what was asked is a failed request: no connection, half an
    answer, none within 20 s, 5xx (503 with Retry-After too) and 429."""

    def __init__(self, url, log=None, phase=lambda: ""):
        self.url, self.log, self.phase = urllib.parse.urlsplit(url), log, phase
        self.connection = None

    def connect(self):
        if self.url.scheme == "https":  # the gateway's own certificate is signed by nobody
            return http.client.HTTPSConnection(self.url.netloc, timeout=20, context=ssl._create_unverified_context())
        return http.client.HTTPConnection(self.url.netloc, timeout=20)

    def ask(self, what, method, path, body=None, **headers):
        """Status and content of the answer; raises Failed."""
        phase, began, clock = self.phase(), time.time(), time.monotonic()
        data = None if body is None else json.dumps(body)
        if data:
            headers["content-type"] = "application/json"
        status, why, wait = 0, "", 0.25
        try:
            self.connection = self.connection or self.connect()
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            status, content = answer.status, answer.read()
            if status >= 500 or status == 429:
                why = f"{status} {content[:200].decode(errors='replace')}"
                wait = min(float(answer.headers.get("retry-after") or wait), 5)
            if answer.will_close:
                self.connection.close()
        except (OSError, http.client.HTTPException) as cause:
            status, why = 0, repr(cause)
            self.connection.close()
            self.connection = None
        if self.log:
            self.log.write(at=began, phase=phase, what=what, status=status, seconds=round(time.monotonic() - clock, 4), why=why)
        if why:
            raise Failed(f"{method} {path}: {why}", wait)
        kind = answer.headers.get("content-type") or ""
        return status, json.loads(content) if "json" in kind and content else content

    def insist(self, what, method, path, body=None, expected=(200, 201, 202, 204), seconds=60, **headers):
        """What must succeed in the end: asked again while it fails for reasons that pass."""
        end = time.monotonic() + seconds
        while True:
            try:
                status, content = self.ask(what, method, path, body, **headers)
            except Failed as cause:
                if time.monotonic() > end:
                    raise SystemExit(f"for {seconds} s there was no answer: {cause}") from None
                time.sleep(cause.wait)
                continue
            if status not in expected:
                raise SystemExit(f"{method} {path} answers {status}: {content}")
            return content


class Mails:
    """What the mail catcher caught."""

    def __init__(self, url):
        self.shop, self.seen = Shop(url), set()

    def look(self):
        """New mails: id, recipient, subject."""
        new, start, page = [], 0, 500
        while True:  # the newest first: pages back to one that is known, for it may have been away for long
            _, found = self.shop.ask("mails", "GET", f"/api/v1/messages?start={start}&limit={page}")
            unknown = [mail for mail in found["messages"] if mail["ID"] not in self.seen]
            new += unknown
            if len(unknown) < page:
                break
            start += page
        new = list({mail["ID"]: mail for mail in new}.values())  # one that came meanwhile moves another to the next page
        self.seen.update(mail["ID"] for mail in new)  # not before: of a look that failed half-way nothing is told
        return [(mail["ID"], mail["To"][0]["Address"], mail["Subject"]) for mail in new]

    def link_token(self, address, seconds=60):
        """The one-time token of the mail that asks to confirm an address."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for mail, to, subject in self.look():
                if to == address and "Confirm" in subject:
                    _, whole = self.shop.ask("mails", "GET", f"/api/v1/message/{mail}")
                    return re.search(r"token=([\w-]+)", whole["Text"])[1]
            time.sleep(0.5)
        raise SystemExit(f"no mail to confirm {address} came in {seconds} s")
