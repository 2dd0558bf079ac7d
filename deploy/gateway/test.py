#!/usr/bin/env python3
"""Runs the real Traefik with the gateway's own configuration, before servers that show what arrives at them.

test.py TRAEFIK      the program; only addresses and folders of the configuration are replaced, in a copy
"""
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ["user-service:8081", "product-service:8082", "order-service:8083", "payment-service:8084", "notify-service:8085", "web:8086"]
FORGED = {
    "Forwarded": "for=10.0.0.1", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "1", "X-Forwarded-Server": "evil", "X-Forwarded-Prefix": "/evil", "X-Real-Ip": "10.0.0.1", "X-User-Id": "1",
    "X_User_Id": "1", "X.User.Id": "1", "X-Role": "admin", "X-Original-Url": "/internal", "X-Http-Method-Override": "DELETE",
    "Baggage": "a=b", "Tracestate": "a=b", "Proxy": "http://evil", "True-Client-Ip": "10.0.0.1",
}  # fmt: skip
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# What Traefik says itself, and what belongs to any request.
EXPECTED = {"host", "user-agent", "accept-encoding", "traceparent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
            "x-forwarded-prefix", "x-forwarded-proto", "x-forwarded-server", "x-real-ip"}  # fmt: skip


class Upstream(BaseHTTPRequestHandler):
    """Answers with what it was asked; a path that ends in /stream or is an order's events streams, a word every 0.4 s."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        if self.server.gone:
            self.close_connection = True
            return
        self.server.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/stream") or self.path == "/orders/1/events":
            return self.stream()
        seen = {"name": self.server.name, "path": self.path, "size": len(body), "headers": dict(self.headers)}
        text = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Referrer-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(text)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(word), word))
            self.wfile.flush()
            time.sleep(0.4)
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """Traefik with the configuration of this folder, and servers in the services' places."""

    def __init__(self, program, certificate=None, **variables):
        self.folder = Path(tempfile.mkdtemp(prefix="gateway-"))
        shutil.copytree(HERE / "dynamic", self.folder / "dynamic")
        if certificate:
            make_certificate(self.folder / "dynamic", certificate)
        self.upstreams = {}
        routes = (self.folder / "dynamic/routes.yml").read_text()
        for name in NAMES:
            server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
            server.name, server.asked, server.gone, server.daemon_threads = name.split(":")[0], 0, False, True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            assert f"http://{name}" in routes, f"routes.yml no longer names {name}"
            routes = routes.replace(f"http://{name}", f"http://127.0.0.1:{server.server_port}")
            self.upstreams[server.name] = server
        (self.folder / "dynamic/routes.yml").write_text(routes)
        self.http, self.https, self.metrics, ping = (free_port() for _ in range(4))
        static = (HERE / "traefik.yml").read_text().replace("/etc/traefik", str(self.folder))
        for port, ours in {8080: self.http, 8443: self.https, 9100: self.metrics}.items():
            static = static.replace(f'":{port}"', f'"127.0.0.1:{ours}"')
        (self.folder / "traefik.yml").write_text(static.replace("127.0.0.1:8082", f"127.0.0.1:{ping}"))
        for path in (self.folder / "dynamic").glob("*.yml"):
            path.write_text(path.read_text().replace("/etc/traefik", str(self.folder)))
        self.log = open(self.folder / "log", "w")
        env = {"PATH": os.environ["PATH"], "MAIL_UI_PORT": "8025", "GATEWAY_TLS_PORT": str(self.https)} | variables
        command = [program, f"--configFile={self.folder}/traefik.yml"]
        self.process = subprocess.Popen(command, env=env, stdout=self.log, stderr=subprocess.STDOUT)

    def __enter__(self):
        try:
            until("the gateway to route", lambda: self.ask("/api/products")[0] == 200 or self.ask("/")[0] in (200, 301))
        except SystemExit:
            print((self.folder / "log").read_text(), file=sys.stderr)
            self.end()
            raise
        return self

    def __exit__(self, failed, *_):
        log = self.end()
        # A body that is too large is an error to the part that reads it.
        errors = [line for line in log if '"level":"error"' in line and '"middlewareType":"Buffer"' not in line]
        if failed is None:
            check("Traefik logs no error", not errors, errors)

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        for server in self.upstreams.values():
            server.shutdown()
        log = (self.folder / "log").read_text().splitlines()
        self.log.close()
        shutil.rmtree(self.folder)
        return log

    def ask(self, path, method="GET", headers=None, body=None, tls=False):
        """Status, headers and body of an answer."""
        connection = self.connect(tls)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def connect(self, tls):
        if not tls:
            return http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.https, timeout=10, context=context)

    def asked(self):
        return sum(server.asked for server in self.upstreams.values())


def until(what, condition):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    sys.exit(f"gateway: waited 20 s in vain for {what}")


def check(what, is_so, seen=None):
    if not is_so:
        sys.exit(f"gateway: NOT SO: {what}; seen: {seen}")
    print(f"gateway: {what}")


def handshake(gateway, version, server_name="localhost"):
    """The version and protocol agreed on, and the certificate, or None when there is no handshake."""
    context = ssl._create_unverified_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is asked for
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with socket.create_connection(("127.0.0.1", gateway.https), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=server_name) as tls:
                return tls.version(), tls.selected_alpn_protocol(), tls.getpeercert(binary_form=True)
    except ssl.SSLError:
        return None


def routes(gateway):
    for path, name, arrives in [
        ("/", "web", "/"), ("/flow", "web", "/flow"), ("/api/auth/health", "user-service", "/auth/health"),
        ("/api/users/me?a=b", "user-service", "/users/me?a=b"), ("/api/products", "product-service", "/products"),
        ("/api/categories/x", "product-service", "/categories/x"), ("/api/orders", "order-service", "/orders"),
        ("/api/carts", "order-service", "/carts"), ("/api/payments", "payment-service", "/payments"),
        ("/api/webhooks", "payment-service", "/webhooks"), ("/api/notifications", "notify-service", "/notifications"),
    ]:  # fmt: skip
        for method in ["GET", "POST"]:
            status, _, body = gateway.ask(path, method)
            seen = json.loads(body) if status == 200 else {}
            if (seen.get("name"), seen.get("path")) != (name, arrives):
                check(f"{method} {path} goes to {name}", False, (status, seen))
    check("every route leads to its service, for reading and for writing", True)


def mails(gateway, shown):
    status, answer, _ = gateway.ask("/dev/mails")
    if shown:
        check("/dev/mails leads to the mail catcher", status in (302, 307) and answer["Location"] == "http://127.0.0.1:8025/", (status, answer.items()))
    else:
        check("in production there is no /dev/mails", (status, answer["Location"]) == (404, None), (status, answer.items()))


def headers(gateway, keeps_trace):
    for tls in [False, True]:
        status, answer, body = gateway.ask("/api/products", headers=FORGED | {"Traceparent": TRACE}, tls=tls)
        seen = {name.lower(): value for name, value in json.loads(body)["headers"].items()}
        check(f"no forged header arrives ({'TLS' if tls else 'http'})", status == 200 and set(seen) <= EXPECTED, seen)
        told = [seen[f"x-{name}"] for name in ["forwarded-for", "forwarded-prefix", "forwarded-proto", "real-ip"]]
        check("what Traefik saw itself arrives", told == ["127.0.0.1", "/api", "https" if tls else "http", "127.0.0.1"], told)
        check(f"a stranger's trace is {'kept' if keeps_trace else 'taken off'}", seen.get("traceparent") == (TRACE if keeps_trace else None), seen)
        check("HSTS is told over TLS alone", ("Strict-Transport-Security" in answer) == tls, answer.items())
        check("an answer may be neither framed nor guessed at", (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff"))


def referrers(gateway):
    asked = [(method, path) for method in ["GET", "POST"] for path in ["/", "/products", "/api/products", "/api/auth/login", "/api/orders"]]
    told = {(method, path): gateway.ask(path, method)[1].get_all("Referrer-Policy") for method, path in asked}
    expected = {one: ["no-referrer" if one[1].startswith("/api/") else "same-origin"] for one in asked}
    check("the pages' own referrer policy arrives, and the API's is the gateway's", told == expected, told)


def tls(gateway):
    for version in [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]:
        check(f"{version.name} gets no handshake", handshake(gateway, version) is None)
    for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
        agreed = handshake(gateway, version)
        check(f"{version.name} does, with HTTP/2", agreed is not None and agreed[1] == "h2", agreed)


def size(gateway):
    for path in ["/api/products", "/flow"]:
        before = gateway.asked()
        check(f"256 KiB arrive ({path})", json.loads(gateway.ask(path, "POST", body=b"x" * 262144)[2])["size"] == 262144)
        chunks = iter([b"x" * 200000] * 2)  # without a length
        statuses = [gateway.ask(path, "POST", body=body)[0] for body in (b"x" * 262145, chunks)]
        check("more is refused (413), and no service is asked", (statuses, gateway.asked() - before) == ([413, 413], 1), statuses)


def streaming(gateway):
    for path in ["/flow/stream", "/orders/1/events", "/api/notifications/stream"]:
        connection = gateway.connect(tls=False)
        began = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        first, at = answer.readline(), time.monotonic() - began
        rest, end = answer.read(), time.monotonic() - began
        check(f"{path} streams", first == b"data: one\n" and b"three" in rest and at < 0.4 and end > 0.8, (first, at, end))
        connection.close()


def limits(gateway):
    status, answer, _ = [gateway.ask("/api/auth/login", "POST", body=b"{}") for _ in range(7)][-1]
    check("too many sign-ins are refused (429) with Retry-After", status == 429 and int(answer["Retry-After"]) >= 0, (status, answer.items()))
    statuses = {gateway.ask(f"/api/auth/{door}", "POST", body=b"{}")[0] for door in ("refresh", "guests/token", "reset-password")}
    check("and with them all else that anybody may post to user-service", statuses == {429}, statuses)
    check("who is logged in goes on", gateway.ask("/api/auth/addresses", "POST", body=b"{}")[0] == 200)
    check("browsing goes on", gateway.ask("/api/products")[0] == 200)
    check("another way to write goes on", gateway.ask("/api/products", "POST", body=b"{}")[0] == 200)
    status, answer, _ = [gateway.ask("/api/orders", "POST", body=b"{}") for _ in range(35)][-1]
    check("so are too many orders", status == 429 and "Retry-After" in answer, status)
    statuses = [gateway.ask(f"/api/carts/{number}/checkout", "POST", body=b"{}")[0] for number in range(9)]
    check("of carts as well, whichever", statuses.count(429) > 5, statuses)
    statuses = [gateway.ask("/api/orders/withdrawals", "POST", body=b"{}")[0] for _ in range(9)]
    check("and of withdrawals, which anybody declares", statuses.count(429) > 5, statuses)
    check("filling a cart goes on", gateway.ask("/api/carts/1/lines", "POST", body=b"{}")[0] == 200)
    until("the limit to recover", lambda: gateway.ask("/api/orders", "POST", body=b"{}")[0] == 200)
    check("a limit recovers", True)
    with ThreadPoolExecutor(40) as pool:
        statuses = list(pool.map(lambda _: gateway.ask("/api/products/stream")[0], range(40)))
    check("an address has so many in work at a time", statuses.count(200) == 20 and statuses.count(429) == 20, statuses)


def away(gateway):
    gone = gateway.upstreams["user-service"]
    gone.gone = True
    for method, path in [("GET", "/api/users/me"), ("POST", "/api/users/me")]:
        status, _, body = gateway.ask(path, method, body=b"{}" if method == "POST" else None)
        told = status == 503 and json.loads(body)["path"] == "/unavailable"
        check(f"{method} of a service that is gone is answered 503, in our words", told, (status, body))
    check("the others go on", gateway.ask("/api/products")[0] == 200)
    gateway.upstreams["web"].gone = True
    status, _, body = gateway.ask("/api/users/me")
    check("without the pages, in Traefik's", (status, body) == (503, b"Bad Gateway"), (status, body))
    gateway.upstreams["web"].gone = gone.gone = False
    check("it is there again at once", gateway.ask("/api/users/me")[0] == 200)


def metrics(gateway):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.metrics, timeout=10)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    check("the gateway's metrics are at a port of their own", 'traefik_router_requests_total{' in page and 'router="web-sign-in@file"' in page)
    connection.request("GET", "/api/products")
    check("where nothing else is", connection.getresponse().status == 404)


def make_certificate(folder, name):
    """Signs one itself, and puts it into its place in one step."""
    curve = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    files = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", folder / "new.key", "-out", folder / "new.crt"]
    subprocess.run(["openssl", "req", *curve, *files], check=True, capture_output=True)
    (folder / "new").write_text((folder / "new.crt").read_text() + (folder / "new.key").read_text())
    (folder / "new").rename(folder / "shop.pem")


def own_certificate(program):
    gateway = Gateway(program, certificate="shop.example", GATEWAY_CERTIFICATE="shop", GATEWAY_ONLY_TLS="yes", ECOM_ENV="production")

    def shown():
        agreed = handshake(gateway, ssl.TLSVersion.TLSv1_3, "shop.example")
        return agreed and agreed[2]

    with gateway:
        until("the operator's certificate", lambda: b"shop.example" in (shown() or b""))
        check("an operator's certificate is shown", True)
        check("a name it does not hold gets no handshake", handshake(gateway, ssl.TLSVersion.TLSv1_3, "other.example") is None)
        before = shown()
        make_certificate(gateway.folder / "dynamic", "shop.example")
        until("the new certificate", lambda: (shown() or before) != before)
        check("a renewed one is taken up", True)
        status, answer, _ = gateway.ask("/api/products?a=b")
        place = f"https://127.0.0.1:{gateway.https}/api/products?a=b"
        check("http leads to TLS where that is wished", (status, answer["Location"]) == (301, place), (status, answer.items()))


def main(program):
    with Gateway(program, GATEWAY_SIGN_INS_PER_MINUTE="6", GATEWAY_ORDERS_PER_MINUTE="30", GATEWAY_REQUESTS_AT_ONCE="20") as gateway:
        routes(gateway)
        mails(gateway, shown=True)
        headers(gateway, keeps_trace=True)
        tls(gateway)
        size(gateway)
        streaming(gateway)
        limits(gateway)
        metrics(gateway)
        away(gateway)
    with Gateway(program, ECOM_ENV="production") as gateway:
        mails(gateway, shown=False)
        headers(gateway, keeps_trace=False)
        referrers(gateway)
    own_certificate(program)


if __name__ == "__main__":
    main(*sys.argv[1:])
