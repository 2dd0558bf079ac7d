#!/usr/bin/env python3
"""One order, one trace: places an order through the gateway of a running Compose stack, asks the trace store for that
order's trace, and fails unless it holds spans of all five services, each event's way over the broker, and the mails.
Prints the trace as a tree, in order of time."""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
import shopper  # noqa: E402

STORE = f"http://127.0.0.1:{os.environ.get('JAEGER_PORT', '16686')}"
SERVICES = {"user-service", "product-service", "order-service", "payment-service", "notify-service"}
# who publishes what, and who acts on it
HOPS = {
    ("order-service", "order.created", "payment-service"),
    ("order-service", "order.created", "notify-service"),
    ("payment-service", "payment.completed", "order-service"),
    ("order-service", "order.paid", "product-service"),
    ("order-service", "order.paid", "notify-service"),
}
# Spans are sent in batches, some seconds after their end.
PATIENCE = 60


def stored(path):
    try:
        with urllib.request.urlopen(f"{STORE}/api/{path}", timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as answer:
        if answer.code == 404:
            return []
        raise


def tag(span, key):
    return next((one["value"] for one in span["tags"] if one["key"] == key), None)


def spans_of(trace):
    """The trace's spans, each with its service and its parent; empty while the store has none."""
    spans = []
    for one in stored(f"traces/{trace}"):
        for span in one["spans"]:
            parents = [ref["spanID"] for ref in span["references"] if ref["refType"] == "CHILD_OF"]
            service = one["processes"][span["processID"]]["serviceName"]
            spans.append({**span, "service": service, "parent": parents[0] if parents else ""})
    return spans


def hops_of(spans):
    by_id = {span["spanID"]: span for span in spans}
    hops = set()
    for span in spans:
        published = by_id.get(span["parent"])
        if tag(span, "span.kind") == "consumer" and published and tag(published, "span.kind") == "producer":
            hops.add((published["service"], tag(span, "ecom.event.type"), span["service"]))
    return hops


def missing(spans):
    """What a whole trace has and this one has not, in words."""
    known = {span["spanID"] for span in spans}
    mails = sum(span["operationName"] == "send mail" for span in spans)
    roots = [f"{span['service']}: {span['operationName']}" for span in spans if span["parent"] not in known]
    systems = {tag(span, "messaging.system") for span in spans} - {None}
    found = [f"no span of {service}" for service in sorted(SERVICES - {span["service"] for span in spans})]
    found += [f"{kind} does not get from {one} to {other}" for one, kind, other in sorted(HOPS - hops_of(spans))]
    found += [f"{mails} mails instead of two"] if mails < 2 else []
    found += [f"it begins {len(roots)} times: {', '.join(roots)}"] if len(roots) > 1 else []
    found += [f"events travel by {sorted(systems)}"] if systems != {"rabbitmq"} else []
    return found


def show(spans):
    begin = min(span["startTime"] for span in spans)
    known = {span["spanID"] for span in spans}

    def branch(children, depth):
        for span in sorted(children, key=lambda span: span["startTime"]):
            at, took = (span["startTime"] - begin) / 1000, span["duration"] / 1000
            wrong = " (error)" if tag(span, "error") else ""
            print(f"{at:9.1f} ms {took:8.1f} ms  {'  ' * depth}{span['service']}: {span['operationName']}{wrong}")
            branch([one for one in spans if one["parent"] == span["spanID"]], depth + 1)

    branch([span for span in spans if span["parent"] not in known], 0)


def main():
    order = shopper.order()
    trace, began = order["trace_id"], time.monotonic()
    while lacking := missing(spans := spans_of(trace)):
        if time.monotonic() - began > PATIENCE:
            if spans:
                show(spans)
            sys.exit(f"traces: {trace} is not whole after {PATIENCE} s: {'; '.join(lacking)}")
        time.sleep(0.5)
    show(spans)
    told = json.dumps(spans)
    if leaked := [text for text in order["personal"] if text in told]:
        sys.exit(f"traces: spans hold what is personal: {leaked}")
    if not SERVICES <= set(listed := stored("services")):
        sys.exit(f"traces: the store lists {listed}")
    timeline = ["docker", "compose", "run", "--rm", "-T", "ecom", "timeline"]
    said = subprocess.run([*timeline, str(order["number"])], check=True, capture_output=True, text=True).stdout
    if trace not in said:
        sys.exit(f"traces: `ecom timeline` names another trace than the store, {trace}:\n{said}")
    services = {span["service"] for span in spans}
    print(f"traces: order {order['number']} is one trace, {trace}: {len(spans)} spans of {len(services)} services, "
          f"{len(hops_of(spans))} hops over the broker; `ecom timeline` names the same")


if __name__ == "__main__":
    main()
