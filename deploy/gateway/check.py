#!/usr/bin/env python3
"""Knocks at the front door: what must pass passes, and nothing that is for operators or between services can be reached,
however the path is written. The paths go out byte for byte, since an ordinary client would tidy them up.

check.py [HOST:PORT]
"""
import socket
import sys

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
]
CLOSED = [
    "/internal", "/internal/", "/internal/reservations", "/internal?x", "/INTERNAL/x", "/internal;x", "/internal%2fx",
    "/metrics", "/metrics/", "/Metrics", "/metrics?a", "/metrics.", "/metrics;x", "/metrics%20", "/metrics%00", "/metrics%3f",
    "/livez", "/readyz",
    # other spellings
    "//internal/x", "/./internal", "/x/../internal", "/x/%2e%2e/internal", "/x/%2e%2e%2finternal", "/%69nternal", "/%6d%65trics",
    "/%252e%252e/internal", "/\\internal", "\\internal", "/metrics\\", "/in\tternal", "/%c0%afinternal", "/;/internal",
    "http://order-service:8083/internal/reservations", "http://localhost/internal", "*",
    # out of a service's own part
    "/api", "/api/", "/api/internal/reservations", "/api/metrics", "/api/readyz", "/api/livez", "/api//internal", "/api/openapi.json",
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


def main(door="127.0.0.1:8080"):
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


if __name__ == "__main__":
    main(*sys.argv[1:])
