"""Claims about running it: budgets, autoscaling, monitoring, the test, old clusters."""
import pathlib

import yaml

from claims import claim, each, once, without
from forms import ALL, PROGRAMS, SERVICES, TRIAL
from pods import deployments, spoil

TOP = pathlib.Path(__file__).resolve().parents[3]
RULES = TOP / "deploy/observability/prometheus/rules"
OLD = ("old-trial", "old-production")
NEW = tuple(form for form in ALL if form not in OLD)
SCALED = ("production", "old-production")


def budgets(objects):
    return objects.of("PodDisruptionBudget")


def scalers(objects):
    return objects.of("HorizontalPodAutoscaler")


@claim("each program has a budget that lets one pod go at a time, so that a node can always be emptied", ALL, without("PodDisruptionBudget"),
       each(budgets, spoil("spec", "maxUnavailable", value=0)), each(budgets, spoil("spec", "selector", "matchLabels", value={"app.kubernetes.io/name": "another"})))  # fmt: skip
def _(objects):
    assert objects.names("PodDisruptionBudget") == set(PROGRAMS)
    for one in budgets(objects):
        labels = objects.get("Deployment", one["metadata"]["name"])["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["maxUnavailable"] == 1 and one["spec"]["selector"]["matchLabels"].items() <= labels.items()


@claim("clusters since 1.21 and 1.23 get policy/v1 and autoscaling/v2", NEW, each(budgets, spoil("apiVersion", value="policy/v1beta1")))
def _(objects):
    assert {one["apiVersion"] for one in budgets(objects)} == {"policy/v1"}
    assert {one["apiVersion"] for one in scalers(objects)} <= {"autoscaling/v2"}


@claim("older clusters get what they know: policy/v1beta1, autoscaling/v2beta2, and no field that came later", OLD,
       each(budgets, spoil("apiVersion", value="policy/v1")),
       each(lambda objects: [one["spec"]["template"]["spec"]["topologySpreadConstraints"][0] for one in deployments(objects)], spoil("matchLabelKeys", value=["pod-template-hash"])))  # fmt: skip
def _(objects):
    assert {one["apiVersion"] for one in budgets(objects)} == {"policy/v1beta1"}
    assert {one["apiVersion"] for one in scalers(objects)} <= {"autoscaling/v2beta2"}
    for one in budgets(objects):
        assert one["spec"].keys() == {"maxUnavailable", "selector"}
    for one in deployments(objects):
        assert all("matchLabelKeys" not in constraint for constraint in one["spec"]["template"]["spec"]["topologySpreadConstraints"])


@claim("pods of the version that goes do not count when new ones are spread", NEW,
       each(lambda objects: [one["spec"]["template"]["spec"]["topologySpreadConstraints"][0] for one in deployments(objects)], spoil("matchLabelKeys", drop=True)))  # fmt: skip
def _(objects):
    for one in deployments(objects):
        assert all(constraint["matchLabelKeys"] == ["pod-template-hash"] for constraint in one["spec"]["template"]["spec"]["topologySpreadConstraints"])


@claim("each program is scaled by processor time, between two and its most", SCALED, without("HorizontalPodAutoscaler"),
       each(scalers, spoil("spec", "minReplicas", value=1)), each(scalers, spoil("spec", "scaleTargetRef", "name", value="another")), each(scalers, lambda one: one["spec"]["metrics"].pop(0)))  # fmt: skip
def _(objects):
    assert {one["spec"]["scaleTargetRef"]["name"] for one in scalers(objects)} == set(PROGRAMS)
    for one in scalers(objects):
        spec = one["spec"]
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": one["metadata"]["name"]}
        assert 2 <= spec["minReplicas"] <= spec["maxReplicas"] == (7 if one["metadata"]["name"] == "order-service" else 5)
        assert spec["metrics"][0] == {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}


@claim("where an adapter is there, a service is scaled by its own queue as well", SCALED,
       once(lambda objects: objects.get("HorizontalPodAutoscaler", "order-service")["spec"]["metrics"].pop()),
       once(lambda objects: objects.get("HorizontalPodAutoscaler", "order-service")["spec"]["metrics"][1]["external"]["metric"]["selector"]["matchLabels"].update(queue="notify-service.events")))  # fmt: skip
def _(objects):
    _, queue = objects.get("HorizontalPodAutoscaler", "order-service")["spec"]["metrics"]
    metric = {"name": "rabbitmq_queue_messages_ready", "selector": {"matchLabels": {"queue": "order-service.events"}}}
    assert queue == {"type": "External", "external": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "200"}}}
    for name in PROGRAMS.keys() - {"order-service"}:
        assert len(objects.get("HorizontalPodAutoscaler", name)["spec"]["metrics"]) == 1


# --- monitoring ---


@claim("Prometheus asks each program at /metrics, and names it as alerts and dashboards do", SCALED, without("ServiceMonitor"),
       once(lambda objects: objects.get("ServiceMonitor", "ecom-micro")["spec"].pop("targetLabels")),
       once(lambda objects: objects.get("ServiceMonitor", "ecom-micro")["spec"]["endpoints"][0].pop("honorLabels")),
       each(lambda objects: [objects.get("Service", name)["metadata"]["labels"] for name in PROGRAMS], spoil("part", drop=True)))  # fmt: skip
def _(objects):
    spec = objects.get("ServiceMonitor", "ecom-micro")["spec"]
    assert spec["jobLabel"] == "app.kubernetes.io/name" and spec["targetLabels"] == ["part"]
    assert spec["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s", "honorLabels": True}]
    (parts,) = spec["selector"]["matchExpressions"]
    asked = {}
    for one in objects.of("Service"):
        labels = one["metadata"]["labels"]
        if spec["selector"]["matchLabels"].items() <= labels.items() and labels.get("part") in parts["values"]:
            asked[labels["app.kubernetes.io/name"]] = labels["part"]
    assert asked == dict.fromkeys(SERVICES, "service") | {"web": "pages"}


@claim("the rules are those of deploy/observability, each, with a whole address for its runbook", SCALED, without("PrometheusRule"),
       each(lambda objects: [rule for one in objects.of("PrometheusRule") for group in one["spec"]["groups"] for rule in group["rules"]], spoil("expr", value="vector(0)")))  # fmt: skip
def _(objects):
    for name in ("recording", "alerts"):
        groups = yaml.load((RULES / f"{name}.yml").read_text(), yaml.CSafeLoader)["groups"]
        for group in groups:
            for rule in group["rules"]:
                if "annotations" in rule:
                    rule["annotations"]["runbook_url"] = "https://git.example/shop/src/" + rule["annotations"]["runbook_url"]
        found = objects.get("PrometheusRule", f"ecom-micro-{name}")["spec"]["groups"]
        assert found == groups
        assert len({group["name"] for group in found}) == len(found), "the names of groups are keys"
        assert all((TOP / rule["annotations"]["runbook_url"].split("/src/")[1]).is_file() for group in found for rule in group["rules"] if "annotations" in rule)


@claim("traces go where the values say, with the collector's key out of its Secret", SCALED,
       once(lambda objects: objects.get("ConfigMap", "settings")["data"].pop("OTEL_EXPORTER_OTLP_ENDPOINT")),
       each(lambda objects: [objects.program(name) for name in PROGRAMS], lambda container: container["env"].pop()))  # fmt: skip
def _(objects):
    for name in PROGRAMS:
        told = objects.variables(name)
        assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector.observability:4318"
        assert (told["OTEL_TRACES_SAMPLER"], told["OTEL_TRACES_SAMPLER_ARG"]) == ("parentbased_traceidratio", "0.1")
        assert told["OTEL_EXPORTER_OTLP_HEADERS_FILE"] == "/secrets/otlp-headers"


# --- the operator, the test ---


@claim("the operator's place is empty unless somebody wants it, and knows all five databases", tuple(form for form in ALL if form not in TRIAL),
       once(lambda objects: objects.get("StatefulSet", "operator")["spec"].update(replicas=1)),
       once(lambda objects: objects.get("StatefulSet", "operator")["spec"]["template"]["spec"]["volumes"][0]["projected"]["sources"].pop(0)))  # fmt: skip
def _(objects):
    operator = objects.get("StatefulSet", "operator")["spec"]
    assert operator["replicas"] == 0
    files = objects.secret_files(operator["template"]["spec"])
    assert {f"{name}-database-url" for name in ("user", "product", "order", "payment", "notify")} <= files.keys() and len(files) == 7


def journey(objects):
    return objects.get("Pod", "journey")


@claim("helm test goes the whole journey where mails are caught", TRIAL,
       once(lambda objects: journey(objects)["spec"]["containers"][0].update(args=["demo"])), once(lambda objects: journey(objects)["metadata"]["annotations"].pop("helm.sh/hook")))  # fmt: skip
def _(objects):
    assert journey(objects)["metadata"]["annotations"]["helm.sh/hook"] == "test" and journey(objects)["spec"]["restartPolicy"] == "Never"
    (container,) = journey(objects)["spec"]["containers"]
    assert container["args"] == ["demo", "--url", "http://gateway:8080", "--mails", "http://mailpit:8025"] and "command" not in container


@claim("helm test sends no mail to people: it asks each program, and says what it did not do", tuple(form for form in ALL if form not in TRIAL),
       once(lambda objects: journey(objects)["spec"]["containers"][0].update(args=["demo"])),
       *(once(lambda objects, name=name: journey(objects)["spec"]["containers"][0]["command"].append(journey(objects)["spec"]["containers"][0]["command"].pop().replace(f"ask {name} ", "true "))) for name in PROGRAMS))  # fmt: skip
def _(objects):
    (container,) = journey(objects)["spec"]["containers"]
    assert "args" not in container
    script = container["command"][-1]
    assert all(f"ask {name} {port} /readyz 200" in script for name, port in PROGRAMS.items()) and "NOT DONE" in script


# --- a cluster without DNS ---


@claim("without DNS each Service has the address that every pod has in its hosts file", "old-trial",
       each(lambda objects: objects.of("Service"), spoil("spec", "clusterIP", value="10.0.0.9")), each(lambda objects: objects.pods(), spoil("hostAliases", drop=True)))  # fmt: skip
def _(objects):
    addresses = {one["metadata"]["name"]: one["spec"]["clusterIP"] for one in objects.of("Service")}
    assert len(set(addresses.values())) == len(addresses)
    for spec in objects.pods():
        assert {name: line["ip"] for line in spec["hostAliases"] for name in line["hostnames"]} == addresses


@claim("elsewhere addresses are the cluster's to give", tuple(form for form in ALL if form != "old-trial"), each(lambda objects: objects.of("Service"), spoil("spec", "clusterIP", value="10.0.0.9")))
def _(objects):
    assert all("clusterIP" not in one["spec"] for one in objects.of("Service"))
    assert all("hostAliases" not in spec for spec in objects.pods())
