#!/usr/bin/env python3
"""Catches mail and shows it: the part of Mailpit that Ecom-Micro's tests and readers use. Keeps the newest in
memory: 500, or MP_MAX_MESSAGES as Mailpit's own; 0 is all.

GET    /livez /readyz                      200
GET    /api/v1/messages?start=&limit=      {total, messages_count, messages: […]}
GET    /api/v1/search?query=to:a@b         the same, of those that match (to: from: subject: or a word of the text)
GET    /api/v1/message/ID[/raw]            one, `latest` for the newest
DELETE /api/v1/messages {"IDs": […]}       those, or all
GET    / and /view/ID                      for people
"""
import email
import email.policy
import html
import json
import os
import signal
import sys
import threading
import time
import uuid
from email.utils import getaddresses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlparse
from urllib.request import urlopen

HTTP_PORT, SMTP_PORT = 8025, 1025
KEEP = int(os.environ.get("MP_MAX_MESSAGES") or 500) or None
LOCK = threading.Lock()
MAILS = []  # newest first


def people(mail, header):
    values = [str(value) for value in mail.get_all(header, [])]
    return [{"Name": name, "Address": address} for name, address in getaddresses(values)]


def body(mail, kind):
    part = mail.get_body((kind,))
    return part.get_content() if part else ""


class Catcher:
    async def handle_DATA(self, _server, _session, envelope):
        raw = envelope.original_content or envelope.content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        text, markup = body(mail, "plain"), body(mail, "html")
        shown = [person["Address"] for header in ("To", "Cc") for person in people(mail, header)]
        entry = {
            "ID": uuid.uuid4().hex[:22],
            "MessageID": str(mail["Message-ID"] or "").strip("<>"),
            "From": (people(mail, "From") or [{"Name": "", "Address": envelope.mail_from}])[0],
            "To": people(mail, "To"),
            "Cc": people(mail, "Cc"),
            "Bcc": [{"Name": "", "Address": to} for to in envelope.rcpt_tos if to not in shown],
            "ReplyTo": people(mail, "Reply-To"),
            "Subject": str(mail["Subject"] or ""),
            "Created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "Size": len(raw),
            "Read": False,
            "Tags": [],
            "Attachments": sum(1 for _ in mail.iter_attachments()),
            "Snippet": (text or markup)[:250],
            "Text": text,
            "HTML": markup,
            "raw": raw,
        }
        with LOCK:
            MAILS.insert(0, entry)
            if KEEP:
                del MAILS[KEEP:]
        return "250 2.0.0 Ok: queued"


def without(entry, *keys):
    return {key: value for key, value in entry.items() if key not in keys}


def matches(entry, query):
    fields = {
        "to": json.dumps(entry["To"] + entry["Cc"] + entry["Bcc"]),
        "from": json.dumps(entry["From"]),
        "subject": entry["Subject"],
    }
    for word in query.split():
        field, _, value = word.partition(":")
        haystack = fields.get(field, entry["Subject"] + entry["Text"] + entry["HTML"])
        if (value if field in fields else word).strip('"').lower() not in haystack.lower():
            return False
    return True


def page(title, content):
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{content}".encode()


def overview(mails):
    rows = "".join(
        f"<tr><td>{entry['Created']}<td>{html.escape(', '.join(to['Address'] for to in entry['To']))}"
        f"<td><a href='/view/{entry['ID']}'>{html.escape(entry['Subject'] or '(no subject)')}</a>"
        for entry in mails
    )
    return page("Mail", f"<table cellpadding=6>{rows}</table>" if rows else "<p>No mail yet.</p>")


class Pages(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, content, kind="application/json", status=200):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_DELETE(self):
        request = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        ids = json.loads(request or b"{}").get("IDs") or []
        with LOCK:
            MAILS[:] = [entry for entry in MAILS if ids and entry["ID"] not in ids]
        self.answer(b"ok", "text/plain")

    def do_GET(self):
        url = urlparse(self.path)
        query, path = dict(parse_qsl(url.query)), url.path.rstrip("/")
        with LOCK:
            mails = list(MAILS)
        if path in ("/livez", "/readyz"):
            return self.answer(b"ok", "text/plain")
        if path == "":
            return self.answer(overview(mails), "text/html; charset=utf-8")
        if path in ("/api/v1/messages", "/api/v1/search"):
            found = [entry for entry in mails if matches(entry, query.get("query", ""))]
            start, limit = int(query.get("start", 0)), int(query.get("limit", 50))
            window = [without(entry, "Text", "HTML", "raw") for entry in found[start:start + limit]]
            return self.answer({"total": len(mails), "unread": len(mails), "count": len(window), "start": start,
                                "messages_count": len(found), "tags": [], "messages": window})
        for prefix in ("/api/v1/message/", "/view/"):
            if path.startswith(prefix):
                wanted, _, form = path.removeprefix(prefix).partition("/")
                entry = next((entry for entry in mails if wanted in (entry["ID"], "latest")), None)
                if entry is None:
                    break
                if form == "raw":
                    return self.answer(entry["raw"], "text/plain; charset=utf-8")
                if prefix == "/view/":
                    shown = page(html.escape(entry["Subject"]), f"<pre>{html.escape(entry['Text'])}</pre>")
                    return self.answer(shown, "text/html; charset=utf-8")
                return self.answer(without(entry, "raw"))
        return self.answer({"Error": "not found"}, status=404)


if __name__ == "__main__":
    if sys.argv[1:] == ["readyz"]:
        urlopen(f"http://127.0.0.1:{HTTP_PORT}/readyz", timeout=2)
        sys.exit(0)
    from aiosmtpd.controller import Controller

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # the first process of a container has no default for it
    Controller(Catcher(), hostname="0.0.0.0", port=SMTP_PORT).start()
    print(f"mail on {SMTP_PORT}, page on {HTTP_PORT}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", HTTP_PORT), Pages).serve_forever()
