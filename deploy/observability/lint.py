#!/usr/bin/env python3
"""Checks what can be checked of alerts, runbooks and dashboards without running anything: that each alert has its page and
its test and each page its alert, that a panel a page names is there, that every metric is declared and asked
for by its right name and labels, and that the dashboards have the form Grafana wants. Grafana itself is not needed.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = TOP / "deploy/observability"
RUNBOOKS = TOP / "docs/runbooks"
METRICS = TOP / "docs/operations/metrics.md"
SECTIONS = ["See it", "Likely causes", "What to do", "Over when"]
# Written by Prometheus, RabbitMQ and Traefik themselves.
OTHERS = re.compile(r"up|ALERTS|ALERTS_FOR_STATE|rabbitmq_\w+|traefik_\w+|prometheus_\w+")
# PromQL's own words, which look like names.
WORDS = set(
    "sum by rate increase max min avg count histogram_quantile time avg_over_time label_replace changes on ignoring unless and or "
    "group_left without".split()
)
SUFFIXES = ("_bucket", "_sum", "_count")


class Findings(list):
    def __call__(self, condition, sentence):
        if not condition:
            self.append(sentence)


def declared_metrics():
    """Every metric the Rust sources describe, with its kind: the lists of kit, services and process."""
    found = {}
    kinds = {"counter": "counter", "gauge": "gauge", "age": "gauge", "duration": "histogram", "sizes": "histogram"}
    for path in TOP.glob("*/src/**/*.rs"):
        text = path.read_text()
        for kind, name in re.findall(r'Metric::(counter|gauge|age|duration|sizes)\(\s*"(\w+)"', text):
            found[name] = kinds[kind]
    return found


def rules():
    """Alerts (name to its text) and recording rules (name to expression)."""
    alerts, records = {}, {}
    for path in sorted((HERE / "prometheus/rules").glob("*.yml")):
        for block in re.split(r"\n(?=\s*- (?:alert|record):)", path.read_text()):
            named = re.match(r"\s*- (alert|record): (\S+)", block)
            if named:
                (alerts if named[1] == "alert" else records)[named[2]] = block
    return alerts, records


def expression(block):
    found = re.search(r"\n\s*expr: (?:>-\n)?(.*?)(?=\n\s*(?:for|labels|annotations|- )\b|\Z)", block, re.S)
    return re.sub(r"\s+", " ", re.sub(r"\n\s*#.*", "", found[1])).strip()


def names_in(promql):
    """The metrics an expression asks for."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', promql)
    text = re.sub(r"\{[^}]*\}", "", text)
    text = re.sub(r"\b(?:by|on|ignoring|without|group_left)\s*\([^)]*\)", "", text)
    text = re.sub(r"\[[^\]]*\]", "", text)
    return {name for name in re.findall(r"(?<![\w.])[a-zA-Z_:][\w:]*", text) if name not in WORDS}


def dashboards():
    return {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "grafana/dashboards").glob("*.json"))}


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def check_runbooks(check, alerts, boards):
    pages = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}
    index = (RUNBOOKS / "README.md").read_text()
    wanted = {}
    for alert, block in alerts.items():
        url = re.search(r"runbook_url: (\S+)", block)
        check(url and (TOP / url[1]).is_file(), f"{alert}: its runbook is missing")
        if url:
            wanted.setdefault(pathlib.Path(url[1]).name, []).append(alert)
    check(not pages - wanted.keys(), f"runbooks of no alert: {sorted(pages - wanted.keys())}")
    for page, its_alerts in sorted(wanted.items()):
        check(f"]({page})" in index, f"{page} is not in the index, docs/runbooks/README.md")
        if not (RUNBOOKS / page).is_file():
            continue
        text = (RUNBOOKS / page).read_text()
        check(text.startswith(f"# {', '.join(its_alerts)}\n"), f"{page} has not the title {', '.join(its_alerts)}")
        check(re.findall(r"^## (.+)$", text, re.M) == SECTIONS, f"{page} has not the sections {SECTIONS}")
        check(re.search(r"All-in-one|all-in-one", text), f"{page} does not say what to do with the all-in-one")
        check_panels(check, page, text, boards)
        for link in re.findall(r"\]\(([\w-]+\.md)\)", text):
            check((RUNBOOKS / link).is_file(), f"{page} links {link}, which is missing")


def check_panels(check, page, text, boards):
    """*Board › Panel* must be there, and so must a bare *Panel* that follows on the same board."""
    titles = {board["title"]: {panel["title"] for panel in panels(board)} for board in boards.values()}
    services = [title for title in titles if title.endswith("-service")]
    everywhere = set.union(*titles.values())
    for name in re.findall(r"\*([^*\n]+)\*", text.replace("**", "")):
        if "›" not in name:
            check(name in everywhere, f"{page} names a panel {name!r} that no dashboard has") if name[:1].isupper() else None
            continue
        board, panel = (part.strip() for part in name.split("›"))
        on = services if board == "(service's dashboard)" else [board]
        for one in on:
            check(panel in titles.get(one, ()), f"{page} names {one} › {panel}, which is missing")


def check_alerts(check, alerts):
    tests = "\n".join(path.read_text() for path in (HERE / "prometheus/tests").glob("*.yml"))
    for alert, block in alerts.items():
        check(re.search(r"severity: (critical|warning|info)\}", block), f"{alert} has no severity of ours")
        check("summary: " in block and "description: " in block, f"{alert} lacks summary or description")
        fires = re.search(rf"alertname: {alert}\n\s*exp_alerts:\n\s*- exp_labels", tests)
        check(fires, f"{alert} has no test in which it fires")


def base_name(name, declared):
    """A histogram's own name for that of one of its series."""
    return next((name.removesuffix(end) for end in SUFFIXES if declared.get(name.removesuffix(end)) == "histogram"), name)


def described_labels():
    """What the page written from the code says of each metric's labels: their names, each with its values or with none where they are many."""
    found = {}
    for name, cell in re.findall(r"^\| `(\w+)` \|([^|]*)\|", METRICS.read_text(), re.M):
        labels = [re.findall(r"`([\w-]+)`", label) for label in cell.split(";") if "`" in label]
        found[name] = {label: set(values) or None for label, *values in labels}
    return found


def everywhere():
    """Labels that every metric may have: those Prometheus adds, and the service's name."""
    text = (HERE / "prometheus/prometheus.yml").read_text()
    jobs = set(re.findall(r"job_name: (\S+)", text))
    services = set(re.findall(r'targets: \["([\w-]+):\d+"\], labels: \{part: service\}', text))
    return {"job": jobs, "part": set(re.findall(r"part: (\w+)", text)), "instance": None, "service": services}


def check_labels(check, declared, records, asked):
    """A label, or a value of one, that a metric never has finds nothing, and nobody would notice."""
    described, common = described_labels(), everywhere()
    for where, promql in asked:
        bases = {base_name(name, declared) for name in names_in(promql)}
        if any(base not in declared.keys() | records.keys() for base in bases - {"up"}):
            continue  # others' metrics: only a running Prometheus can tell
        for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", promql):
            labels = common | described.get(base_name(name, declared), {})
            for label, value in re.findall(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"', matchers):
                check(label in labels, f"{where}: {name} has no label {label}")
                words = [word for word in value.split("|") if re.fullmatch(r"[\w-]+", word)] if labels.get(label) else []
                for word in words:
                    check(word in labels[label], f"{where}: {label} of {name} is never {word!r}")
        labels = set(common) | {"le"} | {label for base in bases for label in described.get(base, {})}
        for label in re.findall(r"\w+", " ".join(re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", promql))):
            check(label in labels, f"{where}: none of its metrics has a label {label}")


def check_names(check, declared, alerts, records, boards):
    known = declared.keys() | records.keys()
    asked = [(name, expression(block)) for name, block in (alerts | records).items()]
    asked += [(f"{uid} › {panel['title']}", target["expr"]) for uid, board in boards.items() for panel in panels(board) for target in panel["targets"]]
    check_labels(check, declared, records, asked)
    used = set()
    for where, promql in asked:
        for name in names_in(promql):
            base = base_name(name, declared)
            used.add(base)
            check(base in known or OTHERS.fullmatch(base), f"{where} asks for {name}, which nobody declares")
    check(not declared.keys() - used, f"no rule and no panel asks for {sorted(declared.keys() - used)}")


def check_boards(check, boards):
    sources = re.findall(r"uid: (\w+)", (HERE / "grafana/provisioning/datasources/ecom.yml").read_text())
    for uid, board in boards.items():
        check(board["uid"] == uid and board["title"] and board["schemaVersion"] >= 36, f"{uid}: uid, title or schema version")
        ids = [panel["id"] for panel in board["panels"]]
        check(len(ids) == len(set(ids)), f"{uid}: panel ids repeat")
        titles = [panel["title"] for panel in panels(board)]
        check(len(titles) == len(set(titles)), f"{uid}: panel titles repeat")
        taken = {}
        for panel in board["panels"]:
            place, title = panel["gridPos"], panel["title"]
            check(place["x"] >= 0 and place["x"] + place["w"] <= 24, f"{uid} › {title} is wider than the page")
            for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])):
                other = taken.setdefault(cell, title)
                check(other == title, f"{uid}: {title} lies over {other}")
        for panel in panels(board):
            where = f"{uid} › {panel['title']}"
            check(panel.get("title") and panel.get("description"), f"{where}: title or description is missing")
            check(panel["fieldConfig"]["defaults"].get("unit"), f"{where}: has no unit")
            references = [target["refId"] for target in panel["targets"]]
            check(references and len(references) == len(set(references)), f"{where}: targets")
            for source in [panel["datasource"], *(target["datasource"] for target in panel["targets"])]:
                check(source["uid"] in sources, f"{where}: data source {source['uid']} is not provisioned")


def main():
    check = Findings()
    declared, (alerts, records), boards = declared_metrics(), rules(), dashboards()
    check_runbooks(check, alerts, boards)
    check_alerts(check, alerts)
    check_names(check, declared, alerts, records, boards)
    check_boards(check, boards)
    for finding in dict.fromkeys(check):
        print(f"observability: {finding}", file=sys.stderr)
    if check:
        sys.exit(1)
    count = sum(len(panels(board)) for board in boards.values())
    print(f"observability: {len(declared)} metrics, {len(alerts)} alerts with runbooks and tests, {len(boards)} dashboards with {count} panels: in order")


if __name__ == "__main__":
    main()
