"""Claims about who may talk to whom. What the network policies let through is worked out from the rendered objects, as a network
that enforces them does, and compared with the calls that the sources make."""
import functools
import pathlib
import re

from claims import claim, copied, each, once, without
from forms import ALL, NAMESPACE, PROGRAMS, SERVICES
from pods import spoil

TOP = pathlib.Path(__file__).resolve().parents[3]
POLICIES = tuple(ALL)
OUTSIDE = {"database": {5432}, "broker": {5671, 5672}, "management": {15671, 15672}, "mail": {25, 465, 587}, "provider": {443}}


def policies(objects):
    return objects.of("NetworkPolicy")


@functools.cache
def calls_in_the_sources():
    """(caller, called): `peers.post(ServiceName::Product, …)` in order-service and its like; each answer of a called service needs
    the caller's published keys, and everybody asks user-service for its own, for what was revoked and for what an API key is worth:
    its replicas too, each other or themselves."""
    found = set()
    for name in SERVICES:
        for path in (TOP / name / "src").rglob("*.rs"):
            for called in re.findall(r"peers\s*\.(?:get|post)\(ServiceName::(\w+)", path.read_text().replace("\n", " ")):
                found.add((name, f"{called.lower()}-service"))
    assert found, "no call between services is found in the sources: has peers another form?"
    keys = {(called, caller) for caller, called in found} | {(name, "user-service") for name in SERVICES}
    return found | keys


@functools.cache
def calls_of_the_pages():
    """All five: the back office lists what each of them gave up, announced and noted."""
    text = (TOP / "web/src/office/platform.rs").read_text()
    assert "ServiceName::ALL" in text, "the back office asks all services no more: tell the chart whom the pages ask"
    return {("web", name) for name in SERVICES}


def matches(selector, labels):
    return selector.get("matchLabels", {}).items() <= labels.items() and not selector.get("matchExpressions")


def lets(rules, peers, labels, port):
    """Whether rules (`ingress` or `egress`) let a pod of this release with these labels through at this port."""
    for rule in rules:
        at_port = "ports" not in rule or any(one["port"] == port and one["protocol"] == "TCP" for one in rule["ports"])
        to_all = peers not in rule
        if at_port and (to_all or any("podSelector" in peer and "namespaceSelector" not in peer and matches(peer["podSelector"], labels) for peer in rule[peers])):
            return True
    return False


def labels_of_pods(objects):
    """{name: labels} of all pods that stay or come, those of Jobs and of the test included."""
    return {metadata["labels"]["app.kubernetes.io/name"]: metadata["labels"] for _, metadata, _ in objects.templates()}


def of_pod(objects, labels):
    return [one["spec"] for one in policies(objects) if matches(one["spec"]["podSelector"], labels)]


def let_through(objects):
    """(from, to, port) for all pods of the release and all ports at which something listens."""
    pods = labels_of_pods(objects)
    listening = {}
    for _, metadata, spec in objects.templates():
        ports = {port["containerPort"] for container in spec["containers"] for port in container.get("ports", [])}
        listening[metadata["labels"]["app.kubernetes.io/name"]] = ports
    found = set()
    for caller, its in pods.items():
        for called, labels in pods.items():
            for port in listening[called]:
                out, into = of_pod(objects, its), of_pod(objects, labels)
                # A pod without a policy is open. What a replica asks its own Service may come to another one.
                if not out or any(lets(one["egress"], "to", labels, port) for one in out):
                    if not into or any(lets(one["ingress"], "from", its, port) for one in into):
                        found.add((caller, called, port))
    return found


def expected_calls(objects):
    calls = {(*call, PROGRAMS[call[1]]) for call in calls_in_the_sources() | calls_of_the_pages()}
    there = labels_of_pods(objects)
    if "gateway" in there:
        calls |= {("gateway", name, port) for name, port in PROGRAMS.items()}
    if "postgres" in there:
        calls |= {(name, "postgres", 5432) for name in [*SERVICES, "migration", "seed", "operator"]}
    if "rabbitmq" in there:
        calls |= {(name, "rabbitmq", 5672) for name in [*SERVICES, "operator"]} | {("broker", "rabbitmq", 15672)}
    if "mailpit" in there:
        calls |= {("notify-service", "mailpit", 1025)}
    if "provider-sim" in there:
        calls |= {(name, "provider-sim", 8090) for name in ("payment-service", "operator")}
    return calls


def less_of_each_rule(objects):
    """Each peer of each rule of each policy taken away: a call fewer, wherever a pod of the release is meant."""
    for policy in range(len(policies(objects))):
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule, content in enumerate(policies(objects)[policy]["spec"][direction]):
                for peer, who in enumerate(content.get(peers, [])):
                    name = who.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name")
                    if name in labels_of_pods(objects) and name != "journey" and "namespaceSelector" not in who:
                        changed = copied(objects)
                        left = policies(changed)[policy]["spec"][direction][rule][peers]
                        left[peer] = {"ipBlock": {"cidr": "192.0.2.99/32"}}
                        yield changed


def open_wide(direction):
    return each(policies, lambda one: one["spec"][direction].append({}))


@claim("within the release exactly the calls of the sources get through", POLICIES, less_of_each_rule,
       once(lambda objects: objects.get("NetworkPolicy", "order-service")["spec"]["ingress"][0]["from"].append({"podSelector": {}}) or objects.get("NetworkPolicy", "payment-service")["spec"]["egress"].append({})))  # fmt: skip
def _(objects):
    found = {call for call in let_through(objects) if call[0] != "journey"}
    expected = expected_calls(objects)
    assert found == expected, f"not let through: {sorted(expected - found)}; let through: {sorted(found - expected)}"


@claim("the test stands where the gateway does, and reads mails", POLICIES, once(lambda objects: objects.get("NetworkPolicy", "web")["spec"]["ingress"][0]["from"].append({"podSelector": {}}) or objects.get("NetworkPolicy", "operator")["spec"]["ingress"].append({})),
       once(lambda objects: [one["spec"].update(ingress=[{}]) for one in policies(objects) if one["metadata"]["name"] in ("operator", "user-service", "rabbitmq", "migration", "broker")]),
       without("NetworkPolicy", names=("user-service",)))  # fmt: skip
def _(objects):
    found = {call[1:] for call in let_through(objects) if call[0] == "journey"}
    allowed = {*PROGRAMS.items(), ("mailpit", 8025), ("gateway", 8080), ("gateway", 8443)}
    assert found <= allowed, found - allowed
    assert set(PROGRAMS.items()) <= found
    spec = objects.get("NetworkPolicy", "user-service")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"] and {} not in spec["ingress"]
    assert {} not in objects.get("NetworkPolicy", "operator")["spec"]["ingress"]


@claim("each pod has a policy of its own for both directions; but the test's", POLICIES, without("NetworkPolicy"), each(policies, spoil("spec", "policyTypes", value=["Ingress"])), open_wide("ingress"), open_wide("egress"))
def _(objects):
    for name, labels in labels_of_pods(objects).items():
        if name != "journey":
            (spec,) = of_pod(objects, labels)
            assert spec["policyTypes"] == ["Ingress", "Egress"]
            assert {} not in spec["ingress"] and {} not in spec["egress"], name


def outside(spec):
    """Ports at which a pod may reach addresses that are not of this release."""
    return {port["port"] for rule in spec["egress"] if not any("podSelector" in peer for peer in rule.get("to", [])) for port in rule["ports"]}


@claim("out of the release go only: names, one's database, the broker, the Jobs to one of the two each, mails of notify, charges of payment, who vouches for a log-in, traces",
       ("default", "production", "gateway-api", "old-production", "signing-in", "owning"),
       each(policies, lambda one: one["spec"]["egress"].append({"ports": [{"protocol": "TCP", "port": 80}]})))  # fmt: skip
def _(objects):
    traces = {4318} if objects.get("ConfigMap", "settings")["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"] else set()
    broker = {5671} if traces else OUTSIDE["broker"]
    own = {"payment-service": OUTSIDE["provider"], "notify-service": OUTSIDE["mail"]}
    if "OIDC_ISSUER" in objects.variables("user-service"):
        own["user-service"] = OUTSIDE["provider"]
    for name in SERVICES:
        found = outside(objects.get("NetworkPolicy", name)["spec"])
        assert found == OUTSIDE["database"] | broker | own.get(name, set()) | traces, (name, found)
    assert outside(objects.get("NetworkPolicy", "web")["spec"]) == traces
    assert outside(objects.get("NetworkPolicy", "migration")["spec"]) == OUTSIDE["database"] if "migration" in objects.names("NetworkPolicy") else True
    assert outside(objects.get("NetworkPolicy", "broker")["spec"]) == ({15671} if traces else OUTSIDE["management"])
    assert outside(objects.get("NetworkPolicy", "operator")["spec"]) == OUTSIDE["database"] | broker | OUTSIDE["provider"]


@claim("servers of one's own are reached at the addresses named, and nowhere else", ("production", "old-production"),
       each(lambda objects: [objects.get("NetworkPolicy", name)["spec"] for name in SERVICES], lambda spec: [rule.pop("to", None) for rule in spec["egress"]]))  # fmt: skip
def _(objects):
    for name in SERVICES:
        blocks = {port["port"]: [peer.get("ipBlock", {}).get("cidr") for peer in rule.get("to", [])] for rule in objects.get("NetworkPolicy", name)["spec"]["egress"] for port in rule["ports"]}
        assert blocks[5432] == ["192.0.2.0/28"] and blocks[5671] == ["192.0.2.16/28"]


def before_services(objects):
    """The policies of both Jobs."""
    return [one for one in policies(objects) if one["metadata"]["name"] in ("migration", "broker")]


@claim("the migration reaches the databases, and who makes the broker's users its management; both names, and nothing else, and nobody them", tuple(form for form in ALL if form != "by-themselves"),
       each(before_services, lambda one: one["spec"]["egress"].append({"ports": [{"protocol": "TCP", "port": 5672}]})), each(before_services, lambda one: one["spec"]["egress"].pop()),
       each(before_services, lambda one: one["spec"]["ingress"].append({})), each(before_services, lambda one: one["spec"]["egress"].pop(0)))  # fmt: skip
def _(objects):
    management = {15671} if objects.of("HorizontalPodAutoscaler") else OUTSIDE["management"]
    if objects.of("RabbitmqCluster") or "rabbitmq" in objects.names("StatefulSet"):
        management = {15672}
    for name, expected in (("migration", OUTSIDE["database"]), ("broker", management)):
        spec = objects.get("NetworkPolicy", name)["spec"]
        dns, *others = spec["egress"]
        assert {port["port"] for port in dns["ports"]} == {53} and "to" in dns and spec["ingress"] == []
        assert {port["port"] for rule in others for port in rule["ports"]} == expected, name
    if objects.of("Cluster"):
        reached = [peer["podSelector"]["matchLabels"].get("cnpg.io/cluster") for rule in objects.get("NetworkPolicy", "migration")["spec"]["egress"][1:] for peer in rule["to"]]
        assert sorted(reached) == sorted(objects.names("Cluster")), reached


@claim("names are asked of the cluster's DNS alone", POLICIES, each(lambda objects: [objects.get("NetworkPolicy", name)["spec"] for name in PROGRAMS], lambda spec: spec["egress"].pop(0)),
       each(lambda objects: [objects.get("NetworkPolicy", name)["spec"] for name in PROGRAMS], lambda spec: spec["egress"][0].pop("to")))  # fmt: skip
def _(objects):
    for name in PROGRAMS:
        first = objects.get("NetworkPolicy", name)["spec"]["egress"][0]
        assert [(port["protocol"], port["port"]) for port in first["ports"]] == [("UDP", 53), ("TCP", 53)]
        assert first["to"] == [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]


@claim("Prometheus and the gateway come in from their own namespaces, and no other namespace does", ("default", "production", "operators", "gateway-api"),
       each(lambda objects: [objects.get("NetworkPolicy", name)["spec"]["ingress"][0] for name in PROGRAMS], lambda rule: rule["from"].append({"namespaceSelector": {}})),
       each(lambda objects: [objects.get("NetworkPolicy", name)["spec"]["ingress"][0] for name in PROGRAMS], lambda rule: [rule["from"].remove(peer) for peer in list(rule["from"]) if "namespaceSelector" in peer]))  # fmt: skip
def _(objects):
    for name in PROGRAMS:
        (rule,) = objects.get("NetworkPolicy", name)["spec"]["ingress"]
        spaces = sorted(peer["namespaceSelector"].get("matchLabels", {}).get("kubernetes.io/metadata.name", "any") for peer in rule["from"] if "namespaceSelector" in peer)
        assert spaces == ["monitoring", "traefik"] and NAMESPACE not in spaces, (name, spaces)
