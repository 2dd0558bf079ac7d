"""Claims about what the programs are told: secrets, databases, migrations, the guard of production. Who is who there: rights.py."""
import base64
import re

from claims import claim, copied, each, once, without
from forms import ALL, PRODUCTION, PROGRAMS, SERVICES, SHORT, TRIAL
from pods import spoil
from rights import at_the_broker, jobs, sources, way_in

SECRET_WORDS = re.compile(r'://[^/@$]*:[^/@]*@|(password|secret)=(?!"\$\(cat )', re.I)


def settings(objects):
    return objects.get("ConfigMap", "settings")["data"]


def job(objects):
    (found,) = jobs(objects, "migration")
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
    assert objects.names("StatefulSet") == {"operator"} and "trial" not in objects.names("Secret")
    assert not objects.of("Secret") or objects.of("Cluster")
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


def expected_files(objects, name):
    short, (form_of_databases, _) = SHORT[name], sources(objects)
    files = {"database-url": way_in(objects, short), "amqp-url": at_the_broker(objects, short)} if name in SERVICES else {}
    if name == "notify-service" and form_of_databases != "trial":
        files["smtp-url"] = ("ecom-micro", "smtp-url")
    if name == "user-service" and "OIDC_ISSUER" in objects.variables(name):
        files["oidc-client-secret"] = ("ecom-micro", "oidc-client-secret")
    if name == "product-service" and "PICTURES_URL_FILE" in objects.variables(name):
        files["pictures-url"] = ("ecom-micro", "pictures-url")
    return files | key_of(name, form_of_databases)


def key_of(name, form_of_databases):
    file = "web-cookie-key" if name == "web" else "secrets-key"
    return {file: ("trial" if form_of_databases == "trial" else "ecom-micro", file)}


@claim("who people log in with is told: to user-service by name, to the pages what to call it, and the secret by a file of one program", ("signing-in",),
       once(lambda objects: objects.program("web")["env"].append({"name": "OIDC_ISSUER", "value": "https://login.example/shop"})),
       each(lambda objects: [objects.program("user-service")], lambda container: [container["env"].remove(one) for one in list(container["env"]) if one["name"] == "OIDC_CLIENT_SECRET_FILE"]))  # fmt: skip
def _(objects):
    def told(name):
        return {key: value for key, value in objects.variables(name).items() if key.startswith("OIDC_")}

    assert told("user-service") == {"OIDC_ISSUER": "https://login.example/shop", "OIDC_CLIENT_ID": "shop", "OIDC_NAME": "login.example", "OIDC_CLIENT_SECRET_FILE": "/secrets/oidc-client-secret"}
    assert told("web") == {"OIDC_NAME": "login.example"}
    for name in PROGRAMS:
        files = objects.secret_files(objects.get("Deployment", name)["spec"]["template"]["spec"])
        assert ("oidc-client-secret" in files) == (name == "user-service"), name


@claim("the pictures' bucket is told to product-service alone, by a file, and only it reaches its host", ("bucket",),
       each(lambda objects: [objects.program("product-service")], lambda container: [container["env"].remove(one) for one in list(container["env"]) if one["name"] == "PICTURES_URL_FILE"]),
       once(lambda objects: objects.get("NetworkPolicy", "product-service")["spec"]["egress"].pop()),
       once(lambda objects: objects.get("NetworkPolicy", "order-service")["spec"]["egress"].append({"ports": [{"protocol": "TCP", "port": 443}]})))  # fmt: skip
def _(objects):
    assert objects.variables("product-service")["PICTURES_URL_FILE"] == "/secrets/pictures-url"
    for name in PROGRAMS:
        files = objects.secret_files(objects.get("Deployment", name)["spec"]["template"]["spec"])
        assert ("pictures-url" in files) == (name == "product-service"), name
    for name in ("product-service", "order-service"):
        out = [port["port"] for rule in objects.get("NetworkPolicy", name)["spec"]["egress"] for port in rule["ports"]]
        assert (443 in out) == (name == "product-service"), name


@claim("a database of places is read by user-service alone, from a claim of the operator's that nobody writes", ("signing-in",),
       once(lambda objects: objects.program("user-service")["env"].remove({"name": "PLACES_FILE", "value": "/places/GeoLite2-City.mmdb"})),
       once(lambda objects: objects.program("user-service")["volumeMounts"].remove({"name": "places", "mountPath": "/places", "readOnly": True})))  # fmt: skip
def _(objects):
    claimed = {"name": "places", "persistentVolumeClaim": {"claimName": "geo", "readOnly": True}}
    for name in PROGRAMS:
        pod = objects.get("Deployment", name)["spec"]["template"]["spec"]
        is_the_one = name == "user-service"
        assert (claimed in pod["volumes"]) == is_the_one, name
        assert (objects.variables(name).get("PLACES_FILE") == "/places/GeoLite2-City.mmdb") == is_the_one, name
        mounted = {"name": "places", "mountPath": "/places", "readOnly": True} in objects.program(name)["volumeMounts"]
        assert mounted == is_the_one, name


def read_somewhere_else(objects):
    """Gives each program's secrets a key of another's."""
    for name in PROGRAMS:
        changed = copied(objects)
        (volume,) = [one for one in changed.get("Deployment", name)["spec"]["template"]["spec"]["volumes"] if one["name"] == "secrets"]
        volume["projected"]["sources"][0]["secret"]["items"][0]["key"] += "-of-another"
        yield changed


@claim("a service gets the URLs of its own users at database and broker and the key it seals by, the pages that of their cookies, and nobody another secret", ALL, read_somewhere_else)
def _(objects):
    for name in PROGRAMS:
        expected = expected_files(objects, name)
        if objects.variables(name).get("OTEL_EXPORTER_OTLP_HEADERS_FILE"):
            expected["otlp-headers"] = ("collector", "otlp-headers")
        found = objects.secret_files(objects.get("Deployment", name)["spec"]["template"]["spec"])
        assert found == expected, (name, found)


def opening(objects):
    """{who opens a database as its service does: its container and its pod}; the commands of `ecom` among them."""
    found = {name: (objects.program(name), objects.get("Deployment", name)["spec"]["template"]["spec"]) for name in SERVICES}
    for one, _, spec in objects.templates():
        if one["metadata"]["name"] in ("operator", "seed"):
            found[one["metadata"]["name"]] = (spec["containers"][0], spec)
    return found


def without_key(spec):
    """Takes the file of the key out of a pod."""
    (volume,) = [one for one in spec["volumes"] if one["name"] == "secrets"]
    volume["projected"]["sources"] = [one for one in volume["projected"]["sources"] if one["secret"]["items"][0]["path"] != "secrets-key"]


@claim("who opens a database as its service does knows the key by which its keys are sealed", ALL,
       each(lambda objects: [container for container, _ in opening(objects).values()], lambda container: container["env"].remove({"name": "SECRETS_KEY_FILE", "value": "/secrets/secrets-key"})),
       each(lambda objects: [spec for _, spec in opening(objects).values()], without_key),
       once(lambda objects: objects.program("web").update(env=[])))  # fmt: skip
def _(objects):
    expected = key_of("order-service", sources(objects)[0])
    for container, spec in opening(objects).values():
        assert {"name": "SECRETS_KEY_FILE", "value": "/secrets/secrets-key"} in container["env"]
        assert expected.items() <= objects.secret_files(spec).items()
    assert {"name": "WEB_COOKIE_KEY_FILE", "value": "/secrets/web-cookie-key"} in objects.program("web")["env"]


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
            named = {one["value"].removeprefix("/secrets/") for one in container.get("env", []) if one["name"].endswith("_FILE") and one["name"] != "PLACES_FILE"}
            assert named <= files.keys(), (container["name"], named)
            assert not named or {"name": "secrets", "mountPath": "/secrets", "readOnly": True} in container["volumeMounts"]


@claim("the two keys for trying hold 32 bytes each, and are not the same", TRIAL,
       *(once(lambda objects, name=name: objects.get("Secret", "trial")["stringData"].update({name: "c2hvcnQ="})) for name in ("secrets-key", "web-cookie-key")),
       once(lambda objects: (made := objects.get("Secret", "trial")["stringData"]).update({"web-cookie-key": made["secrets-key"]})))  # fmt: skip
def _(objects):
    made = objects.get("Secret", "trial")["stringData"]
    keys = {base64.b64decode(made[name], validate=True) for name in ("secrets-key", "web-cookie-key")}
    assert {len(key) for key in keys} == {32} and len(keys) == 2


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


def administrating(objects):
    """The containers that come to the broker as its administrator."""
    return [objects.get("StatefulSet", "operator")["spec"]["template"]["spec"]["containers"][0], jobs(objects, "broker")[0]["spec"]["template"]["spec"]["containers"][0]]


def drop(container, name):
    container["env"] = [one for one in container["env"] if one["name"] != name]


@claim("the first user of the operator's RabbitMQ is read where the operator wrote it", "operators", each(administrating, lambda container: drop(container, "RABBITMQ_ADMINISTRATOR")),
       each(administrating, lambda container: container["env"].reverse()))  # fmt: skip
def _(objects):
    for container, stem, address in zip(administrating(objects), ("AMQP", "RABBITMQ_MANAGEMENT"), ("amqp://%s@rabbitmq:5672", "http://%s@rabbitmq:15672")):
        env = container["env"]
        user = {"name": "RABBITMQ_ADMINISTRATOR", "valueFrom": {"secretKeyRef": {"name": "rabbitmq-default-user", "key": "username"}}}
        assert env.index(user) < env.index({"name": f"{stem}_URL", "value": address % "$(RABBITMQ_ADMINISTRATOR)"}), "it is known only to what follows it"
        assert {"name": f"{stem}_PASSWORD_FILE", "value": f"/secrets/{stem.lower().replace('_', '-')}-password"} in env


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


@claim("services do not migrate, but wait for the Job", by_job(ALL), once(lambda objects: settings(objects).update(MIGRATIONS="on")), without("Job", names=("migration", "migration-1")))
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
