"""What dashboards are made of: panels that fill rows of 24 columns from left to right."""

PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24


def target(expr, legend="", instant=False):
    return {"expr": expr, "legendFormat": legend, "instant": instant, "range": not instant}


def graph(title, description, unit, targets, width=8, stacked=False, most=None):
    """A line per series; with `stacked`, areas on top of each other."""
    defaults = {"unit": unit, "min": 0, "custom": {"fillOpacity": 15 if stacked else 5, "showPoints": "never"}}
    if stacked:
        defaults["custom"]["stacking"] = {"mode": "normal", "group": "A"}
    if most is not None:
        defaults["max"] = most
    return panel("timeseries", title, description, targets, defaults, width, 8) | {
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    }


def truth(title, description, targets, width=8):
    """A coloured field per series: 1 is well, 0 is not."""
    mapping = {"0": {"text": "away", "color": "red", "index": 0}, "1": {"text": "up", "color": "green", "index": 1}}
    defaults = {
        "unit": "none",
        "mappings": [{"type": "value", "options": mapping}],
        "color": {"mode": "thresholds"},
        "thresholds": steps(("red", None), ("green", 1)),
    }
    return panel("stat", title, description, targets, defaults, width, 5) | {"options": last_value("background")}


def number(title, description, unit, targets, width=6, thresholds=None):
    """The last value of each series, large."""
    defaults = {"unit": unit, "noValue": "0", "thresholds": thresholds or steps(("blue", None))}
    defaults["color"] = {"mode": "thresholds"}
    return panel("stat", title, description, targets, defaults, width, 5) | {"options": last_value("value")}


def steps(*pairs):
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in pairs]}


def last_value(colored):
    return {
        "colorMode": colored,
        "graphMode": "none",
        "justifyMode": "auto",
        "textMode": "value_and_name",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }


def panel(kind, title, description, targets, defaults, width, height):
    named = [{"refId": chr(ord("A") + index), "datasource": PROMETHEUS, **one} for index, one in enumerate(targets)]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": PROMETHEUS,
        "targets": named,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "gridPos": {"w": width, "h": height},
    }


def board(uid, title, description, rows, tags):
    """`rows` are pairs of a heading and its panels."""
    panels, y = [], 0
    for heading, members in rows:
        panels.append({"type": "row", "title": heading, "collapsed": False, "panels": [], "gridPos": place(0, y, WIDTH, 1)})
        y, x, height = y + 1, 0, 0
        for member in members:
            width, tall = member["gridPos"]["w"], member["gridPos"]["h"]
            if x + width > WIDTH:
                x, y, height = 0, y + height, 0
            panels.append({**member, "gridPos": place(x, y, width, tall)})
            x, height = x + width, max(height, tall)
        y += height
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["ecom-micro", *tags],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "",
        "templating": {"list": []},
        "annotations": {"list": [alerts()]},
        "links": [{"type": "dashboards", "title": "Ecom-Micro", "tags": ["ecom-micro"], "asDropdown": True, "keepTime": True}],
        "panels": [{"id": number, **one} for number, one in enumerate(panels, 1)],
    }


def alerts():
    """A red line where an alert began to fire."""
    return {
        "name": "Alerts",
        "enable": True,
        "iconColor": "red",
        "datasource": PROMETHEUS,
        "expr": 'changes(ALERTS_FOR_STATE[1m]) > 0',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{service}}",
    }


def place(x, y, width, height):
    return {"x": x, "y": y, "w": width, "h": height}
