#!/usr/bin/env python3
"""The door of the stand-in for Elasticsearch: asks for user and password, keeps users, roles and retention policies as
they are given, and hands on what osmem-server answers. A role that may only add lines may do nothing else."""
import base64
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEHIND = "http://127.0.0.1:9201"
OURS = ("/_security/user/", "/_security/role/", "/_ilm/policy/")


class Store:
    """What osmem does not know; in memory, like all it holds."""

    def __init__(self, password):
        self.passwords = {"elastic": password}
        self.roles = {"elastic": ["superuser"]}
        self.kept = {}

    def put(self, path, body):
        if path.endswith("/_password"):
            self.passwords[path.split("/")[3]] = body["password"]
        elif path.startswith("/_security/user/"):
            name = path.rsplit("/", 1)[1]
            self.passwords[name], self.roles[name] = body["password"], body["roles"]
        else:
            assert "indices" in body or "phases" in body["policy"], "neither a role nor a policy"
            self.kept[path] = body
        return {"acknowledged": True}

    def template(self, body):
        """Without the retention, which osmem refuses as unknown; a policy that is not there is refused here."""
        policy = body["template"]["settings"].pop("index.lifecycle.name")
        assert f"/_ilm/policy/{policy}" in self.kept, f"there is no policy {policy}"
        return json.dumps(body).encode()

    def may(self, user, method, path):
        if "superuser" in self.roles.get(user, []):
            return True
        roles = [self.kept.get(f"/_security/role/{role}", {}) for role in self.roles.get(user, [])]
        adds = any("create_doc" in index["privileges"] for role in roles for index in role.get("indices", []))
        return adds and (method, path) == ("POST", "/_bulk")


class Door(BaseHTTPRequestHandler):
    store = None
    protocol_version = "HTTP/1.1"

    def user(self):
        given = self.headers.get("authorization", "")
        try:
            name, password = base64.b64decode(given.removeprefix("Basic ")).decode().split(":", 1)
        except ValueError:
            return None
        return name if self.store.passwords.get(name) == password else None

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-elastic-product", "Elasticsearch")
        if status == 401:
            self.send_header("www-authenticate", 'Basic realm="security"')
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def behind(self, body):
        kind = self.headers.get("content-type", "application/json")
        request = urllib.request.Request(BEHIND + self.path, body or None, {"content-type": kind}, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()
        except OSError as cause:
            return 503, json.dumps({"error": str(cause)}).encode()

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, user = self.path.split("?", 1)[0], self.user()
        if user is None:
            self.answer(401, b'{"error":"who is it?"}')
        elif not self.store.may(user, self.command, path):
            self.answer(403, json.dumps({"error": f"{user} may not {self.command} {path}"}).encode())
        else:
            try:
                self.answer(*self.given(path, body))
            except (AssertionError, KeyError, ValueError) as cause:
                self.answer(400, json.dumps({"error": repr(cause)}).encode())

    def given(self, path, body):
        if path.startswith(OURS) and self.command in ("PUT", "POST"):
            return 200, json.dumps(self.store.put(path, json.loads(body))).encode()
        if path in self.store.kept:
            return 200, json.dumps(self.store.kept[path]).encode()
        if path.startswith("/_index_template/") and self.command == "PUT":
            body = self.store.template(json.loads(body))
        return self.behind(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_request

    def log_message(self, *_):
        pass


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    engine = subprocess.Popen(["osmem-server", "-addr", "127.0.0.1:9201", "-no-stdin-watch"])
    Door.store = Store(os.environ["ELASTIC_PASSWORD"])
    print("a stand-in for Elasticsearch listens on 9200", flush=True)
    try:
        ThreadingHTTPServer(("0.0.0.0", 9200), Door).serve_forever()
    finally:
        engine.terminate()


if __name__ == "__main__":
    sys.exit(main())
