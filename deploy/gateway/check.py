#!/usr/bin/env python3
"""Knocks at the front door: what must pass passes, and nothing that is for operators or between services can be reached,
however the path is written. The paths go out byte for byte, since an ordinary client would tidy them up. The flow page must
show all five services at work. Then it knocks over TLS, with too much, and too often.

check.py [HOST:PORT [TLS-HOST:PORT]]
"""
import http.client
import json
import re
import socket
import ssl
import sys
import time

# path, and the answers that show that a service (and not the gateway) was asked
OPEN = [
    ("/", {200}),
    ("/api/auth/health", {200}),
    ("/api/products", {200}),
    ("/api/products?limit=1&after=a%2Fb", {200, 400, 422}),
    ("/api/orders", {200, 401}),
    ("/api/payments", {200, 400, 401, 403}),
    ("/api/notifications", {200, 401}),
    ("/dev/mails", {302, 307}),
    ("/flow", {200}),
]
CLOSED = [
    "/internal", "/internal/", "/internal/reservations", "/internal?x", "/INTERNAL/x", "/internal;x", "/internal%2fx",
    "/metrics", "/metrics/", "/Metrics", "/metrics?a", "/metrics.", "/metrics;x", "/metrics%20", "/metrics%00", "/metrics%3f",
    "/livez", "/readyz", "/docs", "/openapi.json", "/.well-known/jwks.json",
    # the services' own part of the flow page
    "/flow/now", "/flow/journeys/1001", "/api/flow/now", "/api/flow/stream", "/api/orders/../flow/now", "/api/orders/%2e%2e/flow/now",
    # other spellings
    "//internal/x", "/./internal", "/x/../internal", "/x/%2e%2e/internal", "/x/%2e%2e%2finternal", "/%69nternal", "/%6d%65trics",
    "/%252e%252e/internal", "/\\internal", "\\internal", "/metrics\\", "/in\tternal", "/%c0%afinternal", "/;/internal",
    "http://order-service:8083/internal/reservations", "http://localhost/internal", "*",
    # out of a service's own part
    "/api", "/api/", "/api/internal/reservations", "/api/metrics", "/api/readyz", "/api/livez", "/api//internal", "/api/openapi.json",
    "/api/docs", "/api/docs/", "/api/.well-known/jwks.json", "/api/flow", "/api/flow/stream", "/api/auth/../flow",
    "/api/usersfoo", "/api/authx", "/API/products", "/api;/products",
    "/api/products/../internal/reservations", "/api/products/../../internal", "/api/products//../../metrics",
    "/api/products/%2e%2e/%2e%2e/internal", "/api/products/..%2finternal", "/api/products/..%2f..%2finternal",
    "/api/products/..%5c..%5cinternal", "/api/products\\..\\..\\internal", "/api/auth;x/../../internal",
]  # fmt: skip


def ask(host, port, path, method="GET"):
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin1"))
        answer = b""
        while b"\r\n" not in answer and (more := connection.recv(4096)):
            answer += more
    return int(answer.split()[1])


SERVICES = {"user-service", "product-service", "order-service", "payment-service", "notify-service"}


def flow(host, port):
    """/flow is there also when no service answers, hence what it shows of each: on the page, and in the stream's first message."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    end = time.monotonic() + 30
    while True:
        connection.request("GET", "/flow")
        page = connection.getresponse().read().decode()
        states = dict(re.findall(r'<td data-of="([\w-]+)" data-is="state">([^<]*)</td>', page))
        if states == dict.fromkeys(SERVICES, "running"):
            break
        if time.monotonic() > end:
            sys.exit(f"gateway: /flow shows {states}, expected all five running")
        time.sleep(1)
    connection.request("GET", "/flow/stream")
    answer = connection.getresponse()
    lines = iter(answer.readline, b"")
    data = next((line.removeprefix(b"data:") for line in lines if line.startswith(b"data:")), b"{}")
    told = {one["service"] for one in json.loads(data).get("services", [])}
    if (answer.status, told) != (200, SERVICES):
        sys.exit(f"gateway: /flow/stream answers {answer.status} and begins with {data}, expected the state of all five")
    connection.close()
    print("gateway: /flow shows all five running, and its stream tells of them")


def over_tls(host, port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # in development it is signed by nobody
    connection = http.client.HTTPSConnection(host, port, timeout=10, context=context)
    connection.request("GET", "/api/products")
    version, answer = connection.sock.version(), connection.getresponse()
    seen = (answer.status, version in ("TLSv1.2", "TLSv1.3"), "Strict-Transport-Security" in answer.headers)
    if seen != (200, True, True):
        sys.exit(f"gateway: over TLS: {version}, {answer.status}, {answer.headers.items()}")
    print(f"gateway: {version} at {port}")


def post(host, port, path, body):
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("POST", path, body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.headers["Retry-After"]
    finally:
        connection.close()


def too_much(host, port):
    status, _ = post(host, port, "/api/products", b"x" * 262145)
    if status != 413:
        sys.exit(f"gateway: a body of more than 256 KiB is answered {status}, expected 413")
    # Nobody's orders, so that nothing comes of them: a service says 401 until the gateway says 429.
    answers = [post(host, port, "/api/orders", b"{}") for _ in range(200)]
    refused = [retry for status, retry in answers if status == 429]
    if not refused or None in refused or {status for status, _ in answers} != {401, 429}:
        sys.exit(f"gateway: 200 orders at once are answered {answers}")
    end = time.monotonic() + 10
    while post(host, port, "/api/orders", b"{}")[0] == 429:
        if time.monotonic() > end:
            sys.exit("gateway: after 10 s orders are still refused")
        time.sleep(0.1)
    print(f"gateway: of 200 orders at once {len(refused)} are told to come later, and then may")


def main(door="127.0.0.1:8080", tls_door=None):
    host, port = door.rsplit(":", 1)
    expected = [("GET", path, status) for path, status in OPEN]
    expected += [("GET", path, {400, 404}) for path in CLOSED]
    expected += [("TRACE", "/api/products", {400, 404, 405}), ("CONNECT", "order-service:8083", {400, 404, 405, 501})]
    wrong = 0
    for method, path, statuses in expected:
        status = ask(host, int(port), path, method)
        if status not in statuses:
            print(f"gateway: {method} {path!r} answers {status}, expected one of {sorted(statuses)}", file=sys.stderr)
            wrong += 1
    if wrong:
        sys.exit(1)
    print(f"gateway: {len(OPEN)} paths pass, {len(expected) - len(OPEN)} are refused")
    flow(host, int(port))
    too_much(host, int(port))
    if tls_door:
        over_tls(*tls_door.rsplit(":", 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
