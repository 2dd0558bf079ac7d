#!/usr/bin/env python3
"""Asks a running Prometheus: are all targets up, all rules loaded and well, does every expression of every rule and panel get
an answer, and is every metric that is declared really there, and no other?

scrape_check.py [URL]      WITHOUT=job,job leaves out jobs that do not run here
"""
import os
import re
import sys

import lint
from prometheus_api import Prometheus, until

# Seen only when something is given back, or nobody takes the traces: their panels are empty until then.
RARE = {"order_refunded_minor_units_total", "refunds_minor_units_total", "spans_dropped_total"}
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


def check_expressions(prometheus, alerts, records, boards):
    for block in (alerts | records).values():
        prometheus.query(lint.expression(block))
    asked = [(uid, panel["title"], target["expr"]) for uid, board in boards.items() for panel in lint.panels(board) for target in panel["targets"]]
    empty = [(uid, title) for uid, title, promql in asked if not prometheus.query(promql)]
    print(f"expressions: {len(alerts | records)} of rules and {len(asked)} of panels answered, {len(asked) - len(empty)} with data")
    if empty:
        print("  without data at this moment: " + "; ".join(sorted({f"{uid.removeprefix('ecom-')} › {title}" for uid, title in empty})))


def check_names(prometheus, declared):
    seen = set(prometheus.ask("label/__name__/values", **{"match[]": '{part="service"}'}))
    own = {name for name in seen if name.startswith("scrape_") or lint.OTHERS.fullmatch(name)}
    families = set()
    for name in seen - own:
        base = next((name.removesuffix(end) for end in lint.SUFFIXES if declared.get(name.removesuffix(end)) == "histogram"), name)
        families.add(base)
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
    check_expressions(prometheus, alerts, records, boards)
    check_names(prometheus, lint.declared_metrics())


if __name__ == "__main__":
    main()
