"""Claims about what the programs are told: secrets, databases, migrations, the guard of production."""
import re

from claims import claim, copied, each, once, without
from forms import ALL, PRODUCTION, PROGRAMS, SERVICES, SHORT, TRIAL
from pods import spoil

SECRET_WORDS = re.compile(r'://[^/@$]*:[^/@]*@|(password|secret)=(?!"\$\(cat )', re.I)


def settings(objects):
    return objects.get("ConfigMap", "settings")["data"]


def job(objects):
    (found,) = [one for one in objects.of("Job") if one["metadata"]["name"].startswith("migration")]
    return found


def by_job(forms):
    return tuple(form for form in forms if form != "by-themselves")


# --- the guard of production ---


@claim("the guard of production is on", ALL, once(lambda objects: settings(objects).update(ECOM_ENV="development")))
def _(objects):
    for name in PROGRAMS:
        assert objects.variables(name)["ECOM_ENV"] == "production"


@claim("nothing may go in the clear in production", PRODUCTION,
       once(lambda objects: settings(objects).update(PLAINTEXT_ALLOWED="SMTP_URL")), once(lambda objects: settings(objects).update(PUBLIC_URL="http://shop.example")))  # fmt: skip
def _(objects):
    told = settings(objects)
    assert told["PLAINTEXT_ALLOWED"] == "" and told["PUBLIC_URL"].startswith("https://") and told["PROVIDER_URL"].startswith("https://")


@claim("for trying only what stays in the cluster goes in the clear, by name", TRIAL, once(lambda objects: settings(objects).update(PLAINTEXT_ALLOWED="PUBLIC_URL,SMTP_URL")))
def _(objects):
    told = settings(objects)
    assert set(told["PLAINTEXT_ALLOWED"].split(",")) == {"PUBLIC_URL", "PROVIDER_URL", "SMTP_URL"}
    assert told["PROVIDER_URL"] == "http://provider-sim:8090" and told["SMTP_URL"] == "smtp://mailpit:1025"


@claim("only the simulator runs outside of production", TRIAL, once(lambda objects: objects.program("provider-sim")["env"].pop(0)))
def _(objects):
    assert {"name": "ECOM_ENV", "value": "development"} in objects.program("provider-sim")["env"]
    for one, _, spec in objects.templates():
        for container in spec["containers"]:
            if {"name": "ECOM_ENV", "value": "development"} in container.get("env", []):
                assert one["metadata"]["name"] == "provider-sim"


@claim("no production brings a simulator, a mail catcher or a server for trying", PRODUCTION,
       once(lambda objects: objects.append({"kind": "StatefulSet", "metadata": {"name": "postgres"}})),
       once(lambda objects: objects.append({"kind": "Secret", "metadata": {"name": "trial"}})))  # fmt: skip
def _(objects):
    assert objects.names("StatefulSet") == {"operator"} and not objects.of("Secret")
    assert not objects.names("Service") & {"provider-sim", "mailpit", "postgres"}


# --- secrets ---


@claim("no variable and no ConfigMap holds a secret", ALL,
       once(lambda objects: settings(objects).update(SMTP_URL="smtps://shop:hunter2@mail.example")),
       each(lambda objects: [objects.program(name) for name in SERVICES], lambda container: container["env"].append({"name": "DATABASE_URL", "value": "postgres://a:b@c/d"})))  # fmt: skip
def _(objects):
    for one in objects.of("ConfigMap"):
        for name, value in one["data"].items():
            assert not SECRET_WORDS.search(value), (one["metadata"]["name"], name)
    for container in objects.containers():
        for variable in container.get("env", []):
            assert not SECRET_WORDS.search(variable.get("value", "")), variable["name"]


def expected_files(objects, name, form_of_databases, form_of_broker):
    short = SHORT[name]
    cluster = {"notify": "notification"}.get(short, short)
    database = {"secret": ("ecom-micro", f"{short}-database-url"), "cloudnativepg": (f"{cluster}-db-app", "uri"), "trial": ("trial", f"{short}-database-url")}
    broker = {"secret": {"amqp-url": ("ecom-micro", "amqp-url")}, "operator": {"amqp-password": ("rabbitmq-default-user", "password")},
              "trial": {"amqp-password": ("trial", "broker-password")}}  # fmt: skip
    files = {"database-url": database[form_of_databases]} | broker[form_of_broker] if name in SERVICES else {}
    if name == "notify-service" and form_of_databases != "trial":
        files["smtp-url"] = ("ecom-micro", "smtp-url")
    return files


def sources(objects):
    if objects.of("Cluster"):
        return "cloudnativepg", "operator"
    return ("trial", "trial") if "trial" in objects.names("Secret") else ("secret", "secret")


def read_somewhere_else(objects):
    """Gives each program's secrets a key of another's."""
    for name in SERVICES:
        changed = copied(objects)
        (volume,) = [one for one in changed.get("Deployment", name)["spec"]["template"]["spec"]["volumes"] if one["name"] == "secrets"]
        volume["projected"]["sources"][0]["secret"]["items"][0]["key"] += "-of-another"
        yield changed


@claim("a program gets its own database's URL, the broker's, and no other secret", ALL, read_somewhere_else)
def _(objects):
    for name in PROGRAMS:
        expected = expected_files(objects, name, *sources(objects))
        if objects.variables(name).get("OTEL_EXPORTER_OTLP_HEADERS_FILE"):
            expected["otlp-headers"] = ("collector", "otlp-headers")
        found = objects.secret_files(objects.get("Deployment", name)["spec"]["template"]["spec"])
        assert found == expected, (name, found)


@claim("secrets are files that only the program reads, and each variable that names one names one that is there", ALL,
       each(lambda objects: [objects.program(name) for name in SERVICES], lambda container: container["env"].append({"name": "SMTP_PASSWORD_FILE", "value": "/secrets/gone"})),
       each(lambda objects: [volume["projected"] for spec in objects.pods() for volume in spec.get("volumes", []) if "projected" in volume], spoil("defaultMode", value=0o444)))  # fmt: skip
def _(objects):
    for spec in objects.pods():
        files = objects.secret_files(spec)
        for volume in spec.get("volumes", []):
            if "projected" in volume:
                assert volume["projected"]["defaultMode"] == 0o440
            elif "secret" in volume:
                assert volume["secret"]["defaultMode"] == 0o440
        for container in spec["containers"]:
            named = {one["value"].removeprefix("/secrets/") for one in container.get("env", []) if one["name"].endswith("_FILE")}
            assert named <= files.keys(), (container["name"], named)
            assert not named or {"name": "secrets", "mountPath": "/secrets", "readOnly": True} in container["volumeMounts"]


@claim("passwords for trying are long, each another, and outlive upgrade and removal", TRIAL,
       once(lambda objects: objects.get("Secret", "trial")["metadata"].pop("annotations")),
       once(lambda objects: objects.get("Secret", "trial")["stringData"].update({"broker-password": "guest"})),
       once(lambda objects: objects.get("Secret", "trial")["stringData"].update({"order-database-url": "postgres://order_service:order_service@postgres:5432/order_db"})))  # fmt: skip
def _(objects):
    secret = objects.get("Secret", "trial")
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    made = secret["stringData"]
    passwords = [value for name, value in made.items() if name.endswith("-password")]
    assert len(set(passwords)) == 7 and all(len(one) >= 32 for one in passwords)
    for short in SHORT.values():
        if short != "web":
            database = {"notify": "notification"}.get(short, short)
            assert made[f"{short}-database-url"] == f"postgres://{short}_service:{made[f'{short}-database-password']}@postgres:5432/{database}_db"


@claim("pods begin anew when their settings or secrets change", ALL,
       each(lambda objects: [objects.get("Deployment", name)["spec"]["template"]["metadata"]["annotations"] for name in PROGRAMS], spoil("checksum/settings", drop=True)),
       each(lambda objects: [objects.get("Deployment", name)["spec"]["template"]["metadata"]["annotations"] for name in PROGRAMS], spoil("checksum/secrets", value="none")))  # fmt: skip
def _(objects):
    sums = {objects.get("Deployment", name)["spec"]["template"]["metadata"]["annotations"]["checksum/settings"] for name in PROGRAMS}
    assert len(sums) == 1
    for name in PROGRAMS:
        annotations = objects.get("Deployment", name)["spec"]["template"]["metadata"]["annotations"]
        assert all(re.fullmatch("[0-9a-f]{64}", annotations[one]) for one in ("checksum/settings", "checksum/secrets"))


# --- databases and broker ---


@claim("the operators make five clusters, each with its own database and owner, and a RabbitMQ of three", "operators", without("Cluster", "RabbitmqCluster"),
       each(lambda objects: objects.of("Cluster"), spoil("spec", "bootstrap", "initdb", "owner", value="postgres")), each(lambda objects: objects.of("Cluster"), lambda one: one["metadata"].pop("annotations")))  # fmt: skip
def _(objects):
    made = {one["metadata"]["name"]: one["spec"]["bootstrap"]["initdb"] for one in objects.of("Cluster")}
    expected = {f"{name}-db": (f"{name}_db", f"{owner}_service") for name, owner in [("user",) * 2, ("product",) * 2, ("order",) * 2, ("payment",) * 2, ("notification", "notify")]}
    assert {name: (one["database"], one["owner"]) for name, one in made.items()} == expected
    for one in objects.of("Cluster") + [objects.get("RabbitmqCluster", "rabbitmq")]:
        assert one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert {one["spec"]["instances"] for one in objects.of("Cluster")} == {3} == {objects.get("RabbitmqCluster", "rabbitmq")["spec"]["replicas"]}


@claim("the first user of the operator's RabbitMQ is read where the operator wrote it", "operators", each(lambda objects: [objects.program(name) for name in SERVICES], lambda container: container["env"].pop(1)))
def _(objects):
    for name in SERVICES:
        env = objects.program(name)["env"]
        user = {"name": "AMQP_USER", "valueFrom": {"secretKeyRef": {"name": "rabbitmq-default-user", "key": "username"}}}
        assert env.index(user) < env.index({"name": "AMQP_URL", "value": "amqp://$(AMQP_USER)@rabbitmq:5672"}), "it is known only to what follows it"


@claim("the databases for trying keep their data on a disk, where that is asked for", ("trial", "upgraded"),
       each(lambda objects: [objects.get("StatefulSet", name) for name in ("postgres", "rabbitmq")], spoil("spec", "volumeClaimTemplates", drop=True)), without("PersistentVolumeClaim"))  # fmt: skip
def _(objects):
    for name in ("postgres", "rabbitmq"):
        assert [one["metadata"]["name"] for one in objects.get("StatefulSet", name)["spec"]["volumeClaimTemplates"]] == ["data"]
    claimed = objects.get("PersistentVolumeClaim", "provider-sim")
    assert claimed["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@claim("all instances fit into the connections a server has: those of PostgreSQL for trying, the usual 100, and the operator's 200", ALL, once(lambda objects: settings(objects).update(DATABASE_POOL="40")))
def _(objects):
    most = {one["metadata"]["name"]: one["spec"]["maxReplicas"] for one in objects.of("HorizontalPodAutoscaler")}
    each_takes = int(settings(objects)["DATABASE_POOL"]) + 4
    needed = {name: (most.get(name) or objects.get("Deployment", name)["spec"]["replicas"]) * each_takes + each_takes for name in SERVICES}
    if sources(objects)[0] == "trial":
        command = objects.get("StatefulSet", "postgres")["spec"]["template"]["spec"]["containers"][0]["command"]
        assert sum(needed.values()) <= int(command[-1].removeprefix("max_connections=")) - 10
    else:
        assert max(needed.values()) <= 120, needed


# --- migrations ---


@claim("services do not migrate, but wait for the Job", by_job(ALL), once(lambda objects: settings(objects).update(MIGRATIONS="on")), without("Job", names=("migration", "migration-at-install")))
def _(objects):
    for name in SERVICES:
        assert objects.variables(name)["MIGRATIONS"] == "off"
    assert job(objects)


@claim("without the Job services migrate by themselves", "by-themselves", once(lambda objects: settings(objects).update(MIGRATIONS="off")))
def _(objects):
    assert not objects.of("Job") and settings(objects)["MIGRATIONS"] == "on"


@claim("the Job migrates all five databases, once, within its time", by_job(ALL), *(
    once(lambda objects, name=name: job(objects)["spec"]["template"]["spec"]["containers"][0]["env"].remove({"name": f"{name}_DATABASE_URL_FILE", "value": f"/secrets/{name.lower()}-database-url"}))
    for name in ("USER", "PRODUCT", "ORDER", "PAYMENT", "NOTIFY")),
    once(lambda objects: job(objects)["spec"].pop("activeDeadlineSeconds")), once(lambda objects: job(objects)["spec"]["template"]["spec"]["containers"][0].update(args=["up"])))  # fmt: skip
def _(objects):
    spec = job(objects)["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert container["args"] == ["migrate"] and spec["activeDeadlineSeconds"] == 600 and 3 <= spec["backoffLimit"] <= 6
    told = {one["name"] for one in container["env"]}
    assert {f"{short.upper()}_DATABASE_URL_FILE" for short in SHORT.values() if short != "web"} <= told
    databases, _ = sources(objects)
    expected = {f"{SHORT[name]}-database-url": expected_files(objects, name, databases, "secret")["database-url"] for name in SERVICES}
    assert objects.secret_files(spec["template"]["spec"]) == expected


HOOKED = ("default", "production", "gateway-api", "plain-gateway", "old-production", "upgraded")


@claim("with databases that are there before the release the Job goes before everything else, at installation and upgrade", HOOKED,
       once(lambda objects: job(objects)["metadata"].pop("annotations")), once(lambda objects: job(objects)["metadata"]["annotations"].update({"helm.sh/hook": "post-install"})))  # fmt: skip
def _(objects):
    annotations = job(objects)["metadata"]["annotations"]
    assert set(annotations["helm.sh/hook"].split(",")) == {"pre-install", "pre-upgrade"}
    assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation", "a failed one is kept to be read"


@claim("a hook needs nothing that comes only after it", HOOKED,
       once(lambda objects: job(objects)["spec"]["template"]["spec"]["containers"][0].update(envFrom=[{"configMapRef": {"name": "settings"}}])),
       once(lambda objects: job(objects)["spec"]["template"]["spec"].update(serviceAccountName="shop")))  # fmt: skip
def _(objects):
    spec = job(objects)["spec"]["template"]["spec"]
    assert "envFrom" not in spec["containers"][0] and "serviceAccountName" not in spec
    assert {volume["name"] for volume in spec["volumes"]} == {"secrets"}


@claim("with databases that come with the release the Job waits beside them, and is no hook", ("trial", "old-trial", "operators"), once(lambda objects: job(objects)["metadata"].update(annotations={"helm.sh/hook": "pre-install"})))
def _(objects):
    assert job(objects)["metadata"]["name"] == "migration-at-install" and "annotations" not in job(objects)["metadata"]
