#!/usr/bin/env python3
"""Looks at pgAdmin as a person would: signs in, finds the five databases listed, opens each; nothing asks for a password.

check.py [URL] [EMAIL] [PASSWORD]
"""
import json
import re
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

EXPECTED = ["notification_db", "order_db", "payment_db", "product_db", "user_db"]


class PgAdmin:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.token = ""

    def call(self, path, data=None):
        headers = {"X-pgA-CSRFToken": self.token}
        if isinstance(data, dict):
            headers["Content-Type"] = "application/json"
            data = json.dumps(data).encode()
        with self.opener.open(Request(self.url + path, data=data, headers=headers), timeout=60) as answer:
            return answer.url, answer.read().decode()

    def sign_in(self, email, password):
        _, page = self.call("/login")
        self.token = re.search(r'"csrfToken": "([^"]+)"', page).group(1)
        form = {"csrf_token": self.token, "email": email, "password": password, "internal_button": "Login"}
        at, _ = self.call("/authenticate/login", urlencode(form).encode())
        if not at.endswith("/browser/"):
            sys.exit(f"pgAdmin: {email} cannot sign in")

    def servers(self):
        for group in json.loads(self.call("/browser/server_group/nodes/")[1])["data"]:
            for server in json.loads(self.call(f"/browser/server_group/children/{group['_id']}")[1])["data"]:
                yield server["label"], f"{group['_id']}/{server['_id']}"


def main(url="http://127.0.0.1:5050", email="admin@example.com", password="admin"):
    pgadmin = PgAdmin(url)
    pgadmin.sign_in(email, password)
    servers = dict(pgadmin.servers())
    if sorted(servers) != EXPECTED:
        sys.exit(f"pgAdmin lists {sorted(servers)}, expected {EXPECTED}")
    for name, place in servers.items():
        try:
            answer = json.loads(pgadmin.call(f"/browser/server/connect/{place}", {})[1])
        except HTTPError as error:
            sys.exit(f"pgAdmin cannot open {name}: {error.code} {error.read().decode()[:300]}")
        if not answer["data"].get("connected"):
            sys.exit(f"pgAdmin cannot open {name}: {answer}")
    print("pgAdmin lists the five databases and opens each without a password")


if __name__ == "__main__":
    main(*sys.argv[1:])
