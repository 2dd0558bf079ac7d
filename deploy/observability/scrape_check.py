#!/usr/bin/env python3
"""Asks a running Prometheus: are all targets up, all rules loaded and well, does every expression of every rule get an answer,
has every panel data, and is every metric that is declared really there, and no other?

scrape_check.py [URL]      WITHOUT=job,job leaves out jobs that do not run here
"""
import os
import re
import sys
import time

import lint
from prometheus_api import Prometheus, until

# Seen only when something is given back, or nobody takes the traces: their panels are empty until then.
RARE = {"order_refunded_minor_units_total", "refunds_minor_units_total", "spans_dropped_total"}
# Panels of trouble that does not happen here: no answer was a 5xx, and no alert fires. lint.py looks at their labels.
NO_TROUBLE = {"Alerts firing", "Failed requests", "Failed requests by route", "Traefik: failed"}
# A rate wants two looks at a counter, and a counter may begin with the first order.
TO_FILL = 90
JOBS = set(re.findall(r"job_name: (\S+)", (lint.HERE / "prometheus/prometheus.yml").read_text()))


def check_targets(prometheus, without):
    def all_up():
        targets = prometheus.ask("targets", state="active")["activeTargets"]
        here = [target for target in targets if target["labels"]["job"] not in without]
        return here if all(target["health"] == "up" for target in here) else None

    targets, _ = until(f"every target up; see {prometheus.url}/targets", all_up, 90)
    jobs = {target["labels"]["job"] for target in targets}
    if missing := JOBS - without - jobs:
        raise SystemExit(f"Prometheus has no target of {sorted(missing)}")
    print(f"targets: {len(targets)} up, none down: {', '.join(sorted(jobs))}")
    if without:
        print(f"targets: LEFT OUT, they do not run here: {', '.join(sorted(without))}")


def check_rules(prometheus, wanted):
    groups = prometheus.ask("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    ill = [rule["name"] for rule in rules if rule["health"] == "err"]
    missing = wanted - {rule["name"] for rule in rules}
    if ill or missing:
        raise SystemExit(f"rules in error: {ill}; rules not loaded: {sorted(missing)}")
    print(f"rules: {len(rules)} loaded, none in error")


def check_expressions(prometheus, alerts, records, boards, without):
    for block in (alerts | records).values():
        prometheus.query(lint.expression(block))
    # Of jobs that are left out, nothing is expected.
    absent = tuple(prefix for job, prefix in {"gateway": "traefik_", "rabbitmq": "rabbitmq_"}.items() if job in without)
    wanted, may_be_empty = [], []
    for uid, board in boards.items():
        for panel in lint.panels(board):
            for target in panel["targets"]:
                names = lint.names_in(target["expr"])
                excused = panel["title"] in NO_TROUBLE or names & RARE or any(name.startswith(absent) for name in names)
                (may_be_empty if excused else wanted).append((f"{board['title']} › {panel['title']}", target["expr"]))
    for _, promql in may_be_empty:
        prometheus.query(promql)
    end, empty = time.monotonic() + TO_FILL, wanted
    while (empty := [one for one in empty if not prometheus.query(one[1])]) and time.monotonic() < end:
        time.sleep(3)
    if empty:
        raise SystemExit("panels without data:\n" + "\n".join(f"  {where}: {promql}" for where, promql in empty))
    print(f"expressions: {len(alerts | records)} of rules answered, {len(wanted)} of panels have data; {len(may_be_empty)} may have none in a healthy run")


def check_names(prometheus, declared):
    seen = set(prometheus.ask("label/__name__/values", **{"match[]": '{part="service"}'}))
    own = {name for name in seen if name.startswith("scrape_") or lint.OTHERS.fullmatch(name)}
    families = set()
    for name in seen - own:
        families.add(lint.base_name(name, declared))
    undeclared, unseen = families - declared.keys(), declared.keys() - families - RARE
    if undeclared or unseen:
        raise SystemExit(f"metrics that nobody declares: {sorted(undeclared)}; declared and on no page: {sorted(unseen)}")
    print(f"metrics: {len(families)} on the services' pages, all declared; {sorted(RARE - families)} not seen yet, as expected")


def main():
    prometheus = Prometheus(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9090")
    without = set(filter(None, os.environ.get("WITHOUT", "").split(",")))
    (alerts, records), boards = lint.rules(), lint.dashboards()
    check_targets(prometheus, without)
    check_rules(prometheus, alerts.keys() | records.keys())
    check_expressions(prometheus, alerts, records, boards, without)
    check_names(prometheus, lint.declared_metrics())


if __name__ == "__main__":
    main()
