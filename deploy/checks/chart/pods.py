"""Claims about pods: what they may do, how they start, run and end."""
import re

from claims import claim, each, once, without
from forms import ALL, PRODUCTION, PROGRAMS, SERVICES, TRIAL


def spoil(*path, value=None, drop=False):
    """Changes what is at a path of keys; or takes it away."""

    def change(one):
        for key in path[:-1]:
            one = one[key]
        if drop:
            del one[path[-1]]
        else:
            one[path[-1]] = value

    return change


def pods(objects):
    return objects.pods()


def containers(objects):
    return objects.containers()


def programs(objects):
    """The containers of the six."""
    return [objects.program(name) for name in PROGRAMS]


def deployments(objects):
    return [objects.get("Deployment", name) for name in PROGRAMS]


def mebibytes(quantity):
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) * {"Mi": 1, "Gi": 1024}[unit]


# --- what is there ---


@claim("a production shop has six Deployments: five services and web", PRODUCTION, without("Deployment"))
def _(objects):
    assert objects.names("Deployment") == set(PROGRAMS), objects.names("Deployment")


@claim("for trying there are the gateway, the mail catcher and the simulator beside them", TRIAL, without("Deployment"))
def _(objects):
    assert objects.names("Deployment") == {*PROGRAMS, "gateway", "mailpit", "provider-sim"}, objects.names("Deployment")


@claim("each program has a Service of its name and port, which finds its pods", ALL, without("Service", names=PROGRAMS))
def _(objects):
    for name, port in PROGRAMS.items():
        service = objects.get("Service", name)
        (mapped,) = service["spec"]["ports"]
        assert (mapped["port"], mapped["targetPort"]) == (port, "http")
        template = objects.get("Deployment", name)["spec"]["template"]
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        assert objects.program(name)["ports"] == [{"name": "http", "containerPort": port, "protocol": "TCP"}]
    for name in objects.names("Deployment") | objects.names("StatefulSet"):
        assert name in objects.names("Service") | {"operator"}, f"{name} has no Service"


@claim("a selector finds the pods of its own object and of no other", ALL, each(deployments, spoil("spec", "selector", "matchLabels", "app.kubernetes.io/name", value="web-too")))
def _(objects):
    owners = [(one, metadata["labels"]) for one, metadata, _ in objects.templates()]
    for owner, _ in owners:
        selector = owner["spec"].get("selector", {}).get("matchLabels")
        if selector:
            found = [other["metadata"]["name"] for other, labels in owners if selector.items() <= labels.items()]
            assert found == [owner["metadata"]["name"]], (owner["metadata"]["name"], found)


@claim("every port says its protocol, without which 1.20 cannot merge what helm applies on the server's side", ALL,
       each(lambda objects: [port for one in objects.of("Service") for port in one["spec"]["ports"]], spoil("protocol", drop=True)),
       each(lambda objects: [port for container in containers(objects) for port in container.get("ports", [])], spoil("protocol", drop=True)))  # fmt: skip
def _(objects):
    listed = [port for one in objects.of("Service") for port in one["spec"]["ports"]] + [port for container in objects.containers() for port in container.get("ports", [])]
    assert all(port["protocol"] == "TCP" for port in listed)


# --- Pod Security `restricted`, and beyond ---


@claim("no pod runs as root", ALL, each(pods, spoil("securityContext", "runAsNonRoot", value=False)), each(pods, spoil("securityContext", "runAsUser", value=0)))
def _(objects):
    for spec in objects.pods():
        assert spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0
        for container in spec.get("initContainers", []) + spec["containers"]:
            assert container["securityContext"].get("runAsUser", 1) > 0 and container["securityContext"].get("runAsNonRoot", True)


@claim("every pod has the seccomp profile of its runtime", ALL, each(pods, spoil("securityContext", "seccompProfile", value={"type": "Unconfined"})))
def _(objects):
    for spec in objects.pods():
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


@claim("every container drops all capabilities and gains no rights", ALL,
       each(containers, spoil("securityContext", "capabilities", value={"drop": ["NET_RAW"]})),
       each(containers, spoil("securityContext", "capabilities", value={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})),
       each(containers, spoil("securityContext", "allowPrivilegeEscalation", value=True)),
       each(containers, spoil("securityContext", "privileged", value=True)))  # fmt: skip
def _(objects):
    for container in objects.containers():
        context = container["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]} and context["allowPrivilegeEscalation"] is False
        assert not context.get("privileged")


def read_only(objects):
    return [container for container in containers(objects) if container["name"] != "rabbitmq"]


@claim("every container has a root it cannot write; but RabbitMQ's for trying", ALL, each(read_only, spoil("securityContext", "readOnlyRootFilesystem", value=False)))
def _(objects):
    for container in objects.containers():
        assert container["securityContext"]["readOnlyRootFilesystem"] is (container["name"] != "rabbitmq"), container["name"]


@claim("no pod uses the node: its network, its processes, its files, its ports", ALL,
       each(pods, spoil("hostNetwork", value=True)), each(pods, spoil("hostPID", value=True)),
       each(pods, lambda spec: spec.setdefault("volumes", []).append({"name": "node", "hostPath": {"path": "/"}})),
       each(programs, lambda container: container["ports"][0].update(hostPort=80)))  # fmt: skip
def _(objects):
    for spec in objects.pods():
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & spec.keys()
        for volume in spec.get("volumes", []):
            (kind,) = volume.keys() - {"name"}
            assert kind in {"emptyDir", "projected", "secret", "configMap", "persistentVolumeClaim"}, kind
    for container in objects.containers():
        assert all("hostPort" not in port for port in container.get("ports", []))


@claim("no pod has a token for the API server", ALL, each(pods, spoil("automountServiceAccountToken", drop=True)))
def _(objects):
    for spec in objects.pods():
        assert spec["automountServiceAccountToken"] is False and "serviceAccountName" not in spec


@claim("no pod is told of Services by variables, which would be taken for settings (USER_SERVICE_PORT)", ALL, each(pods, spoil("enableServiceLinks", drop=True)))
def _(objects):
    for spec in objects.pods():
        assert spec["enableServiceLinks"] is False


# --- probes ---


@claim("each program is asked at /livez whether it has started and lives, and at /readyz whether it is ready", ALL,
       *(each(programs, spoil(probe, drop=True)) for probe in ("startupProbe", "livenessProbe", "readinessProbe")),
       each(programs, spoil("livenessProbe", "httpGet", "path", value="/readyz")))  # fmt: skip
def _(objects):
    for container in programs(objects):
        for probe, path in {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}.items():
            assert container[probe]["httpGet"] == {"path": path, "port": "http"}, probe


@claim("a start may take two minutes, and one slow answer kills nothing", ALL,
       each(programs, spoil("startupProbe", "failureThreshold", value=10)), each(programs, spoil("livenessProbe", "failureThreshold", value=1)))  # fmt: skip
def _(objects):
    for container in programs(objects):
        startup, liveness = container["startupProbe"], container["livenessProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 120
        assert liveness["failureThreshold"] >= 3 and liveness["timeoutSeconds"] >= 5


@claim("whatever else runs and stays is asked as well", TRIAL, each(lambda objects: [one for one in long_running(objects) if one["name"] != "ecom"], spoil("readinessProbe", drop=True)))
def _(objects):
    for container in long_running(objects):
        if container["name"] != "ecom":  # the operator's command line serves nobody
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys(), container["name"]


def long_running(objects):
    return [container for kind in ("Deployment", "StatefulSet") for one in objects.of(kind) for container in one["spec"]["template"]["spec"]["containers"]]


# --- the end, and replacing ---


@claim("a pod's end is longer than our drain: the delay, and ten seconds", ALL,
       each(lambda objects: [one["spec"]["template"]["spec"] for one in deployments(objects)], spoil("terminationGracePeriodSeconds", value=14)),
       once(lambda objects: objects.get("ConfigMap", "settings")["data"].update(SHUTDOWN_DELAY="0")))  # fmt: skip
def _(objects):
    for name in PROGRAMS:
        delay = int(objects.variables(name)["SHUTDOWN_DELAY"])
        assert delay >= 3, "nobody has heard by then that the pod goes"
        assert objects.get("Deployment", name)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= delay + 12


@claim("nothing is done before the signal: a program told to end goes on serving by itself", ALL,
       each(programs, spoil("lifecycle", value={"preStop": {"exec": {"command": ["sleep", "5"]}}})))  # fmt: skip
def _(objects):
    assert all("lifecycle" not in container for container in programs(objects))


@claim("the gateway's pod, which stops listening at the signal, waits before it", TRIAL, once(lambda objects: objects.program("gateway").pop("lifecycle")),
       once(lambda objects: objects.get("Deployment", "gateway")["spec"]["template"]["spec"].update(terminationGracePeriodSeconds=10)))  # fmt: skip
def _(objects):
    assert objects.program("gateway")["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    assert objects.get("Deployment", "gateway")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 5 + 10 + 2, "its graceTimeOut is 10 s"
    assert objects.get("Deployment", "gateway")["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


@claim("a new version never takes a pod away before it has another", ALL,
       each(deployments, spoil("spec", "strategy", "rollingUpdate", "maxUnavailable", value=1)), each(deployments, spoil("spec", "strategy", value={"type": "Recreate"})))  # fmt: skip
def _(objects):
    for one in deployments(objects):
        assert one["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


@claim("what keeps data of its own has one pod, and the old one ends before the new one begins", TRIAL,
       once(lambda objects: objects.get("Deployment", "provider-sim")["spec"].update(strategy={"type": "RollingUpdate"})),
       once(lambda objects: objects.get("StatefulSet", "postgres")["spec"].update(replicas=2)))  # fmt: skip
def _(objects):
    assert objects.get("Deployment", "provider-sim")["spec"]["strategy"] == {"type": "Recreate"}
    assert {one["spec"]["replicas"] for one in [objects.get("Deployment", "provider-sim"), *objects.of("StatefulSet")]} == {1}


@claim("there are two of each, or an autoscaler that keeps two", ALL, each(deployments, lambda one: one["spec"].update(replicas=1)), without("HorizontalPodAutoscaler"))
def _(objects):
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one["spec"]["minReplicas"] for one in objects.of("HorizontalPodAutoscaler")}
    for one in deployments(objects):
        name = one["metadata"]["name"]
        if name in scaled:
            assert "replicas" not in one["spec"], f"{name}: every upgrade would take back what the autoscaler did"
        assert scaled.get(name, one["spec"].get("replicas", 0)) >= 2, name


@claim("pods of a program are spread over nodes and zones, and are still placed where there is one", ALL,
       each(lambda objects: [one["spec"]["template"]["spec"] for one in deployments(objects)], spoil("topologySpreadConstraints", drop=True)),
       each(lambda objects: [one["spec"]["template"]["spec"] for one in deployments(objects)], lambda spec: spec["topologySpreadConstraints"].pop()),
       each(lambda objects: [one["spec"]["template"]["spec"] for one in deployments(objects)], lambda spec: spec["topologySpreadConstraints"][0].update(whenUnsatisfiable="DoNotSchedule")))  # fmt: skip
def _(objects):
    for one in deployments(objects):
        template = one["spec"]["template"]
        constraints = template["spec"]["topologySpreadConstraints"]
        assert [each_one["topologyKey"] for each_one in constraints] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        for constraint in constraints:
            assert constraint["whenUnsatisfiable"] == "ScheduleAnyway" and constraint["maxSkew"] == 1
            assert constraint["labelSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()


# --- resources ---


@claim("one pod of each of the five services requests 160 MiB together at the most", ALL, each(lambda objects: [objects.program(name) for name in SERVICES], spoil("resources", "requests", "memory", value="33Mi")))
def _(objects):
    assert sum(mebibytes(objects.program(name)["resources"]["requests"]["memory"]) for name in SERVICES) <= 160


@claim("every container requests memory and processor time, and has a bound of memory with room", ALL,
       each(containers, spoil("resources", drop=True)), each(containers, spoil("resources", "limits", value={"memory": "32Mi"})),
       each(containers, spoil("resources", "requests", "cpu", drop=True)))  # fmt: skip
def _(objects):
    for container in objects.containers():
        resources = container["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys()
        assert mebibytes(resources["limits"]["memory"]) >= 2 * mebibytes(resources["requests"]["memory"])


@claim("whatever is written goes to a bounded volume, or to a disk", ALL,
       each(lambda objects: [volume for spec in pods(objects) for volume in spec.get("volumes", []) if volume["name"] == "tmp"], spoil("emptyDir", value={})))  # fmt: skip
def _(objects):
    for spec in objects.pods():
        for volume in spec.get("volumes", []):
            if "emptyDir" in volume and volume["name"] != "data":
                assert volume["emptyDir"].get("sizeLimit"), volume


# --- images ---


@claim("images have the tag of the release, from the registry named", "production",
       each(programs, spoil("image", value="ecom-micro/web:latest")))  # fmt: skip
def _(objects):
    for name in PROGRAMS:
        assert objects.program(name)["image"] == f"registry.example/ecom-micro/{name}:1.0.0"
