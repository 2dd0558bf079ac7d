"""Renders the chart in its forms, and finds one's way in what was rendered."""
import subprocess

import yaml

RELEASE, NAMESPACE = "shop", "shop-space"
NEEDED = ["--set", "publicUrl=https://shop.example", "--set", "provider.url=https://payments.example"]
OLD = ["--kube-version", "1.20.2"]
OWNING = ",".join(f"databases.secret.owners.{name}=" for name in ("user", "product", "order", "payment", "notify"))

# name: values (as arguments of helm), further arguments
FORMS = {
    "default": NEEDED,
    "production": ["--values", "examples/production.yaml"],
    "operators": ["--values", "examples/operators.yaml"],
    "trial": ["--values", "examples/trial.yaml"],
    "upgraded": ["--values", "examples/trial.yaml", "--is-upgrade"],
    "gateway-api": ["--values", "examples/gateway-api.yaml"],
    "plain-gateway": [*NEEDED, "--set", "gateway.kind=gatewayApi,gateway.middlewares=false"],
    "old-trial": ["--values", "examples/trial.yaml", "--values", "examples/old-cluster.yaml", *OLD],
    "old-production": ["--values", "examples/production.yaml", *OLD],
    "signing-in": [*NEEDED, "--set", "signIn.issuer=https://login.example/shop,signIn.clientId=shop,places.claim=geo"],
    "bucket": [*NEEDED, "--set", "pictures.bucket=true"],
    "owning": [*NEEDED, "--set", OWNING],
    "by-themselves": [*NEEDED, "--set", f"migration.job=false,{OWNING},broker.secret.management=,gateway.kind=none,flow=on"],
}  # fmt: skip
PRODUCTION = ("default", "production", "operators", "gateway-api", "plain-gateway", "old-production", "signing-in", "bucket", "owning", "by-themselves")
TRIAL = ("trial", "upgraded", "old-trial")
ALL = tuple(FORMS)


def helm(chart, *arguments):
    """What `helm template` says: (whether it went well, output, errors)."""
    command = ["helm", "template", RELEASE, ".", "--namespace", NAMESPACE, *arguments]
    done = subprocess.run(command, cwd=chart, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "found symbolic link" not in line]
    return done.returncode == 0, done.stdout, "\n".join(said)


def rendered(chart, form):
    fine, out, said = helm(chart, *FORMS[form])
    if not fine:
        raise SystemExit(f"chart: the form {form} cannot be rendered: {said}")
    return Rendered(one for one in yaml.load_all(out, yaml.CSafeLoader) if one)


class Rendered(list):
    """The objects of one rendering."""

    def of(self, kind):
        return [one for one in self if one["kind"] == kind]

    def get(self, kind, name):
        found = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        assert len(found) == 1, f"there are {len(found)} {kind} {name}, expected one"
        return found[0]

    def names(self, kind):
        return {one["metadata"]["name"] for one in self.of(kind)}

    def templates(self):
        """(owner, metadata, spec) of every pod, whoever makes it."""
        pods = [(one, one["metadata"], one["spec"]) for one in self.of("Pod")]
        for kind in ("Deployment", "StatefulSet", "Job"):
            pods += [(one, one["spec"]["template"]["metadata"], one["spec"]["template"]["spec"]) for one in self.of(kind)]
        return pods

    def pods(self):
        return [spec for _, _, spec in self.templates()]

    def containers(self):
        return [container for spec in self.pods() for container in spec.get("initContainers", []) + spec["containers"]]

    def program(self, name):
        """The only container of a Deployment."""
        (container,) = self.get("Deployment", name)["spec"]["template"]["spec"]["containers"]
        return container

    def variables(self, name):
        """What a program is told by values, those of the ConfigMap it takes all of included."""
        container = self.program(name)
        told = {}
        for source in container.get("envFrom", []):
            told |= self.get("ConfigMap", source["configMapRef"]["name"])["data"]
        return told | {one["name"]: one.get("value") for one in container.get("env", [])}

    def secret_files(self, spec):
        """{path under the volume: (Secret, key)} of a pod."""
        files = {}
        for volume in spec.get("volumes", []):
            for source in volume.get("projected", {}).get("sources", []):
                for item in source["secret"]["items"]:
                    files[item["path"]] = (source["secret"]["name"], item["key"])
        return files


SERVICES = {"user-service": 8081, "product-service": 8082, "order-service": 8083, "payment-service": 8084, "notify-service": 8085}
PROGRAMS = SERVICES | {"web": 8086}
SHORT = {name: name.removesuffix("-service") for name in PROGRAMS}
