#!/usr/bin/env python3
"""Keeps traces and shows them: the part of Jaeger that Ecom-Micro's tests and readers use. The newest 2000 traces, in memory.

4318   POST /v1/traces                       OTLP over HTTP, protobuf, also gzipped
16686  GET  /api/services                    {data: [name, …]}
       GET  /api/traces/ID                   {data: [{traceID, spans, processes}]}; 404 for one it has not
       GET  /api/traces?service=&limit=      the newest of those that the service took part in
       GET  / and /trace/ID                  for people
13133  GET  /status                          200

What it is told on its command line or by a file (--config) it does not read.
"""
import gzip
import html
import json
import os
import signal
import threading
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlparse

OTLP_PORT, QUERY_PORT, HEALTH_PORT, KEEP = 4318, 16686, 13133, 2000
KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
LOCK = threading.Lock()
TRACES = OrderedDict()  # id: its spans, each with the name and attributes of its service


def value(sent):
    kind = sent.WhichOneof("value")
    return getattr(sent, kind) if kind in ("string_value", "bool_value", "int_value", "double_value") else str(sent)


def tags(attributes):
    return [{"key": one.key, "value": value(one.value)} for one in attributes]


def reference(kind, trace, span):
    return {"refType": kind, "traceID": trace.hex(), "spanID": span.hex()}


def read(span):
    failed = [{"key": "error", "value": True}] if span.status.code == 2 else []
    said = [{"key": "otel.status_description", "value": span.status.message}] if span.status.message else []
    parent = [reference("CHILD_OF", span.trace_id, span.parent_span_id)] if span.parent_span_id else []
    return {
        "traceID": span.trace_id.hex(),
        "spanID": span.span_id.hex(),
        "operationName": span.name,
        "references": parent + [reference("FOLLOWS_FROM", link.trace_id, link.span_id) for link in span.links],
        "startTime": span.start_time_unix_nano // 1000,
        "duration": (span.end_time_unix_nano - span.start_time_unix_nano) // 1000,
        "tags": tags(span.attributes) + [{"key": "span.kind", "value": KINDS[span.kind]}] + failed + said,
    }


def keep(request):
    with LOCK:
        for resource in request.resource_spans:
            about = tags(resource.resource.attributes)
            service = next((tag["value"] for tag in about if tag["key"] == "service.name"), "unknown")
            process = {"serviceName": service, "tags": [tag for tag in about if tag["key"] != "service.name"]}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    TRACES.setdefault(span.trace_id.hex(), []).append((process, read(span)))
        while len(TRACES) > KEEP:
            TRACES.popitem(last=False)


def shown(trace):
    processes, spans = [], []
    for process, span in TRACES[trace]:
        if process not in processes:
            processes.append(process)
        spans.append({**span, "processID": f"p{processes.index(process) + 1}"})
    return {"traceID": trace, "spans": spans, "processes": {f"p{n}": one for n, one in enumerate(processes, 1)}}


def took_part(service):
    return [trace for trace, spans in TRACES.items() if any(process["serviceName"] == service for process, _ in spans)]


class Server(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, content, kind="application/json", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Otlp(Server):
    protocol_version = "HTTP/1.1"  # exporters keep their connections

    def do_POST(self):
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as otlp

        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path != "/v1/traces":
            return self.answer(b"", status=404)
        keep(otlp.ExportTraceServiceRequest.FromString(body))
        return self.answer(b"", "application/x-protobuf")


class Health(Server):
    def do_GET(self):
        self.answer(b'{"status":"StatusOK"}')


class Query(Server):
    def data(self, found, status=200):
        self.answer(json.dumps({"data": found, "total": len(found), "errors": None}).encode(), status=status)

    def do_GET(self):
        url = urlparse(self.path)
        query, path = dict(parse_qsl(url.query)), url.path.rstrip("/")
        with LOCK:
            if path == "/api/services":
                return self.data(sorted({process["serviceName"] for spans in TRACES.values() for process, _ in spans}))
            if path == "/api/traces":
                newest = took_part(query.get("service", ""))[-int(query.get("limit", 20)):]
                return self.data([shown(trace) for trace in newest])
            wanted = path.removeprefix("/api/traces/").removeprefix("/trace/")
            if path.startswith("/api/traces/"):
                return self.data([shown(wanted)]) if wanted in TRACES else self.data([], 404)
            if path.startswith("/trace/") and wanted in TRACES:
                return self.page(wanted, self.rows(wanted))
            if path == "":
                links = (f"<li><a href='/trace/{trace}'>{trace}</a> {len(spans)} spans" for trace, spans in reversed(TRACES.items()))
                return self.page("Traces", f"<ul>{''.join(links)}</ul>")
        return self.answer(b"", status=404)

    def rows(self, trace):
        spans = sorted(TRACES[trace], key=lambda one: one[1]["startTime"])
        begin = spans[0][1]["startTime"]
        cells = (
            f"<tr><td align=right>{(span['startTime'] - begin) / 1000:.1f} ms<td align=right>{span['duration'] / 1000:.1f} ms"
            f"<td>{html.escape(process['serviceName'])}<td>{html.escape(span['operationName'])}"
            for process, span in spans
        )
        return f"<table cellpadding=4>{''.join(cells)}</table>"

    def page(self, title, content):
        text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{content}"
        self.answer(text.encode(), "text/html; charset=utf-8")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # the first process of a container has no default for it
    for port, handler in ((OTLP_PORT, Otlp), (HEALTH_PORT, Health)):
        threading.Thread(target=ThreadingHTTPServer(("0.0.0.0", port), handler).serve_forever, daemon=True).start()
    print(f"OTLP over HTTP on {OTLP_PORT}, traces on {QUERY_PORT}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", QUERY_PORT), Query).serve_forever()
