"""What the checks ask a running Prometheus."""
import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Prometheus:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def ask(self, path, **query):
        """The data of an answer; what Prometheus says instead of one ends the check."""
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query, doseq=True)}"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as answer:
            raise SystemExit(f"{query or path}: {json.load(answer)['error']}") from None
        except OSError as cause:
            raise SystemExit(f"{self.url} cannot be reached: {cause}") from None

    def query(self, promql):
        """Labels and value of each series, now."""
        result = self.ask("query", query=promql)["result"]
        return [(one["metric"], one["value"][1]) for one in result]

    def firing(self, alert):
        """The labels of what fires under this name."""
        alerts = self.ask("alerts")["alerts"]
        return [one["labels"] for one in alerts if one["labels"]["alertname"] == alert and one["state"] == "firing"]


def until(what, look, seconds):
    """What `look` finds, as soon as it finds something, and after how many seconds."""
    began = time.monotonic()
    while not (found := look()):
        if time.monotonic() - began > seconds:
            raise SystemExit(f"after {seconds} s there is still not {what}")
        time.sleep(1)
    return found, round(time.monotonic() - began)
