#!/usr/bin/env python3
"""The logs of one order, found by its trace id in Elasticsearch: all five services, in order of time, and no person.
Then the same with Elasticsearch stopped meanwhile."""
import base64
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "deploy/observability"))
import shopper  # noqa: E402  (beside this folder, not in it)

ELASTICSEARCH = f"http://127.0.0.1:{os.environ.get('ELASTICSEARCH_PORT', '9200')}"
SECRETS = Path(os.environ.get("SECRETS_DIR", TOP / "deploy/secrets/development"))
SERVICES = {"user-service", "product-service", "order-service", "payment-service", "notify-service"}
# What Elasticsearch gives at the most in one answer. One that is full may have left lines out.
MOST = 10_000
STORY = ["stock reserved", "order placed", "a payment changed", "order paid", "a mail was sent"]


def search(query):
    """The lines in order of time."""
    password = (SECRETS / "elastic-password").read_text().strip()
    body = {"size": MOST, "sort": [{"@timestamp": "asc"}], "query": query}
    request = urllib.request.Request(f"{ELASTICSEARCH}/ecom-logs-*/_search", json.dumps(body).encode())
    request.add_header("content-type", "application/json")
    request.add_header("authorization", "Basic " + base64.b64encode(f"elastic:{password}".encode()).decode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        lines = [hit["_source"] for hit in json.load(answer)["hits"]["hits"]]
    if len(lines) == MOST:
        raise SystemExit(f"logs: {MOST} lines or more are found, and not all of them can be looked at")
    return lines


def story(order):
    """The trace's lines, once every service has said something and the mail is sent."""
    lines = search({"term": {"trace.id": order["trace_id"]}})
    said = {line["message"] for line in lines}
    return lines if SERVICES <= {line["service.name"] for line in lines} and said.issuperset(STORY) else None


def judge(order, lines):
    wrong = [f"{name} is missing in {line}" for line in lines for name in ("log.level", "ecs.version", "span.id") if name not in line]
    times = [line["@timestamp"] for line in lines]
    if times != sorted(times):
        wrong.append(f"the lines are not in order of time: {times}")
    # The last of each: a mail is sent for the order as well as for the payment.
    lasts = [max(place for place, line in enumerate(lines) if line["message"] == message) for message in STORY]
    if lasts != sorted(lasts):
        wrong.append(f"the story is told in another order than {STORY}")
    found = search({"term": {"order.id": order["id"]}})
    if {line.get("trace.id") for line in found} != {order["trace_id"]}:
        wrong.append("what is found by order.id is of another trace")
    everything = json.dumps(search({"match_all": {}}) + lines).lower()
    wrong += [f"a person is in the log store: {text}" for text in order["personal"] if text.lower() in everything]
    if wrong:
        raise SystemExit("\n".join(f"logs: {sentence}" for sentence in wrong))


def compose(*arguments):
    subprocess.run(["docker", "compose", *arguments], cwd=TOP, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    order = shopper.order()
    lines = shopper.until("every service's line of this trace in Elasticsearch", lambda: story(order))
    judge(order, lines)
    print(f"logs: order {order['number']}, trace {order['trace_id']}: {len(lines)} lines of {len(SERVICES)} services")
    for line in lines:
        subject = line.get("order.id") or line.get("payment.id") or line.get("notification.id") or line.get("account.id", "")
        print(f"  {line['@timestamp'][11:26]}  {line['service.name']:16} {line['log.level']:5} {line['message']:42} {subject}")

    try:
        compose("stop", "elasticsearch")
        order = shopper.order()
    finally:
        compose("start", "elasticsearch")
    shopper.until("Elasticsearch again", answers)
    lines = shopper.until("the lines written while Elasticsearch was away", lambda: story(order), seconds=90)
    ids = [json.dumps(line, sort_keys=True) for line in lines]
    if len(ids) != len(set(ids)):
        raise SystemExit("logs: a line is there twice")
    print(f"logs: order {order['number']} was placed and paid without Elasticsearch; its {len(lines)} lines arrived afterwards, each once")


def answers():
    try:
        search({"match_all": {}})
        return True
    except OSError:
        return False


main()
