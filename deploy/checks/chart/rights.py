"""Claims about who is who at the database and at the broker: owners, the users of the services, the administrator."""
import hashlib
import re

from claims import claim, copied, each, once, without
from forms import ALL, SERVICES, SHORT, TRIAL
from pods import spoil

KEYS = tuple(SHORT[name] for name in SERVICES)
CLUSTER = {key: f"{'notification' if key == 'notify' else key}-db" for key in KEYS}
DATABASE = {key: CLUSTER[key].replace("-", "_") for key in KEYS}
OWNED_BY_SERVICES = ("owning", "by-themselves")
UNTOLD = ("by-themselves",)
BESIDE = ("trial", "upgraded", "old-trial", "operators")
HOOKED = tuple(form for form in ALL if form not in (*BESIDE, *UNTOLD))


def sources(objects):
    """Where the databases and the broker come from."""
    if objects.of("Cluster"):
        return "cloudnativepg", "operator"
    return ("trial", "trial") if "trial" in objects.names("Secret") else ("secret", "secret")


def way_in(objects, key):
    """(Secret, key) by which a service works with its database."""
    return {"secret": ("ecom-micro", f"{key}-database-url"), "cloudnativepg": (f"{CLUSTER[key]}-runtime", "uri"), "trial": ("trial", f"{key}-database-url")}[sources(objects)[0]]


def owners(objects, key):
    """(Secret, key) by which its owner does."""
    return {"secret": ("ecom-micro", f"{key}-owner-database-url"), "cloudnativepg": (f"{CLUSTER[key]}-app", "uri"), "trial": ("trial", f"{key}-owner-database-url")}[sources(objects)[0]]


def at_the_broker(objects, key):
    """(Secret, key) by which a service comes to the broker."""
    return ({"secret": "ecom-micro", "operator": "rabbitmq-users", "trial": "trial"}[sources(objects)[1]], f"{key}-amqp-url")


def administrators(objects):
    """{(Secret, key) that makes an administrator of the broker: the pods that need it}"""
    makes = {"broker"} if jobs(objects, "broker") else set()
    return {
        "secret": {("ecom-micro", "amqp-url"): {"operator"}, ("ecom-micro", "rabbitmq-management-url"): makes},
        "operator": {("rabbitmq-default-user", key): {"operator"} | makes for key in ("password", "username")},
        "trial": {("trial", "broker-password"): {"operator", "rabbitmq"} | makes},
    }[sources(objects)[1]]


def jobs(objects, *names):
    return [one for one in objects.of("Job") if one["metadata"]["labels"]["app.kubernetes.io/name"] in (names or ("migration", "broker"))]


def only(objects, name):
    (found,) = jobs(objects, name)
    return found["spec"]


def handed(objects):
    """{(Secret, key): the pods it is handed to}, in whatever way; the key is None where it is the whole Secret."""
    found = {}
    for _, metadata, spec in objects.templates():
        secrets = set(objects.secret_files(spec).values())
        for volume in spec.get("volumes", []):
            if "secret" in volume:
                secrets |= {(volume["secret"]["secretName"], item["key"]) for item in volume["secret"].get("items", [{"key": None}])}
        for container in spec.get("initContainers", []) + spec["containers"]:
            assert not [one for one in container.get("envFrom", []) if "secretRef" in one], "a whole Secret as variables"
            secrets |= {(one["name"], one["key"]) for variable in container.get("env", []) if (one := variable.get("valueFrom", {}).get("secretKeyRef"))}
        for one in secrets:
            found.setdefault(one, set()).add(metadata["labels"]["app.kubernetes.io/name"])
    assert not [one for one in found if one[1] is None], "a whole Secret as a volume"
    return found


def handed_to_each(secret):
    """Variants in which one pod after the other is handed `secret(objects)`, which it has not."""

    def variants(objects):
        for index, (_, metadata, spec) in enumerate(objects.templates()):
            name, key = secret(objects)
            if metadata["labels"]["app.kubernetes.io/name"] not in handed(objects).get((name, key), ()):
                changed = copied(objects)
                volume = {"name": "more", "secret": {"secretName": name, "defaultMode": 0o440, "items": [{"key": key, "path": "more"}]}}
                changed.templates()[index][2].setdefault("volumes", []).append(volume)
                yield changed

    return variants


@claim("only the migration is told whom the tables belong to", tuple(form for form in ALL if form not in OWNED_BY_SERVICES),
       handed_to_each(lambda objects: owners(objects, "order")),
       each(lambda objects: only(objects, "migration")["template"]["spec"]["volumes"][0]["projected"]["sources"], lambda source: source["secret"]["items"][0].update(key="another")),
       each(lambda objects: [objects.program(name) for name in SERVICES], lambda container: container["env"].append({"name": "OWNER_DATABASE_URL_FILE", "value": "/secrets/database-url"})))  # fmt: skip
def _(objects):
    told = handed(objects)
    for key in KEYS:
        assert told[owners(objects, key)] == {"migration"}, (key, told[owners(objects, key)])
    for one, _, spec in objects.templates():
        named = {variable["name"] for container in spec["containers"] for variable in container.get("env", []) if "OWNER" in variable["name"]}
        expected = {f"{key.upper()}_OWNER_DATABASE_URL_FILE" for key in KEYS} if one in jobs(objects, "migration") else set()
        assert named == expected, (one["metadata"]["name"], named)
    assert {file: told for file, told in objects.secret_files(only(objects, "migration")["template"]["spec"]).items()} == {
        f"{key}-{file}": where(objects, key) for key in KEYS for file, where in {"database-url": way_in, "owner-database-url": owners}.items()
    }


@claim("a service's own user owns its tables where that is asked for, and nobody is told of another", OWNED_BY_SERVICES,
       handed_to_each(lambda objects: owners(objects, "order")),
       each(lambda objects: [container for _, _, spec in objects.templates() for container in spec["containers"]], lambda container: container.setdefault("env", []).append({"name": "ORDER_OWNER_DATABASE_URL_FILE", "value": "/secrets/order-database-url"})))  # fmt: skip
def _(objects):
    assert not {owners(objects, key) for key in KEYS} & handed(objects).keys()
    assert not [variable for container in objects.containers() for variable in container.get("env", []) if "OWNER" in variable["name"]]


@claim("a service's way into its database is its own: beside it the migration and the operator have it, and the sample catalogue product-service's", ALL,
       *(handed_to_each(lambda objects, key=key: way_in(objects, key)) for key in KEYS))  # fmt: skip
def _(objects):
    told, there = handed(objects), {metadata["labels"]["app.kubernetes.io/name"] for _, metadata, _ in objects.templates()}
    for key in KEYS:
        besides = {"migration", "operator"} | ({"seed"} if key == "product" else set())
        assert told[way_in(objects, key)] == {f"{key}-service"} | besides & there, (key, told[way_in(objects, key)])


@claim("a service's user at the broker is its own: beside it only the Job that makes it knows the password", ALL,
       *(handed_to_each(lambda objects, key=key: at_the_broker(objects, key)) for key in KEYS))  # fmt: skip
def _(objects):
    told, makes = handed(objects), {"broker"} if jobs(objects, "broker") else set()
    for key in KEYS:
        assert told[at_the_broker(objects, key)] == {f"{key}-service"} | makes, (key, told[at_the_broker(objects, key)])


@claim("an administrator of the broker is nobody but the Job, the operator's command line and the broker itself", ALL,
       handed_to_each(lambda objects: min(administrators(objects))), handed_to_each(lambda objects: max(administrators(objects))),
       each(lambda objects: [objects.program(name) for name in SERVICES], lambda container: container["env"].append({"name": "AMQP_URL", "value": "amqp://ecom@rabbitmq:5672"})))  # fmt: skip
def _(objects):
    told = handed(objects)
    for secret, pods in administrators(objects).items():
        assert told.get(secret, set()) == pods, (secret, told.get(secret))
    for name in SERVICES:
        told = objects.variables(name)
        assert told["AMQP_URL_FILE"] == "/secrets/amqp-url" and not {"AMQP_URL", "AMQP_PASSWORD_FILE"} & told.keys()


# --- the Jobs ---


@claim("the Job makes all five users of the broker, as its administrator, within its time", tuple(form for form in ALL if form not in UNTOLD), *(
    once(lambda objects, key=key: only(objects, "broker")["template"]["spec"]["containers"][0]["env"].remove({"name": f"{key.upper()}_AMQP_URL_FILE", "value": f"/secrets/{key}-amqp-url"})) for key in KEYS),
    once(lambda objects: only(objects, "broker").pop("activeDeadlineSeconds")), once(lambda objects: only(objects, "broker")["template"]["spec"]["containers"][0].update(args=["doctor"])),
    once(lambda objects: [only(objects, "broker")["template"]["spec"]["containers"][0]["env"].remove(one) for one in list(only(objects, "broker")["template"]["spec"]["containers"][0]["env"]) if one["name"].startswith("RABBITMQ_MANAGEMENT")]),
    each(lambda objects: only(objects, "broker")["template"]["spec"]["volumes"][0]["projected"]["sources"], lambda source: source["secret"]["items"][0].update(key="another")))  # fmt: skip
def _(objects):
    spec = only(objects, "broker")
    (container,) = spec["template"]["spec"]["containers"]
    assert container["args"] == ["broker"] and spec["activeDeadlineSeconds"] == 600 and 3 <= spec["backoffLimit"] <= 6
    env, (_, source) = container["env"], sources(objects)
    told = {one["name"]: one.get("value") for one in env}
    assert {f"{key.upper()}_AMQP_URL_FILE" for key in KEYS} <= told.keys()
    if source == "secret":
        administrator = {"rabbitmq-management-url": ("ecom-micro", "rabbitmq-management-url")}
        assert told["RABBITMQ_MANAGEMENT_URL_FILE"] == "/secrets/rabbitmq-management-url"
    else:
        administrator = {"rabbitmq-management-password": {"trial": ("trial", "broker-password"), "operator": ("rabbitmq-default-user", "password")}[source]}
        assert told["RABBITMQ_MANAGEMENT_PASSWORD_FILE"] == "/secrets/rabbitmq-management-password"
        assert told["RABBITMQ_MANAGEMENT_URL"] == {"trial": "http://ecom@rabbitmq:15672", "operator": "http://$(RABBITMQ_ADMINISTRATOR)@rabbitmq:15672"}[source]
    assert objects.secret_files(spec["template"]["spec"]) == administrator | {f"{key}-amqp-url": at_the_broker(objects, key) for key in KEYS}


@claim("where nobody says where the broker's management is, there is no Job for it, and no policy", UNTOLD,
       once(lambda objects: objects.append({"kind": "Job", "metadata": {"name": "broker"}})), once(lambda objects: objects.append({"kind": "NetworkPolicy", "metadata": {"name": "broker"}})))  # fmt: skip
def _(objects):
    assert not objects.of("Job") and "broker" not in objects.names("NetworkPolicy")


@claim("with servers that are there before the release both Jobs go before everything else, at installation and upgrade", HOOKED,
       each(jobs, lambda one: one["metadata"].pop("annotations")), each(jobs, lambda one: one["metadata"]["annotations"].update({"helm.sh/hook": "post-install"})))  # fmt: skip
def _(objects):
    assert {one["metadata"]["name"] for one in jobs(objects)} == {"migration", "broker"}
    for one in jobs(objects):
        annotations = one["metadata"]["annotations"]
        assert set(annotations["helm.sh/hook"].split(",")) == {"pre-install", "pre-upgrade"}
        assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation", "a failed one is kept to be read"


@claim("a hook needs nothing that comes only after it", HOOKED,
       each(jobs, lambda one: one["spec"]["template"]["spec"]["containers"][0].update(envFrom=[{"configMapRef": {"name": "settings"}}])),
       each(jobs, lambda one: one["spec"]["template"]["spec"].update(serviceAccountName="shop")),
       each(jobs, lambda one: one["spec"]["template"]["spec"]["volumes"][0]["projected"]["sources"][0]["secret"].update(name="trial")))  # fmt: skip
def _(objects):
    for one in jobs(objects):
        spec = one["spec"]["template"]["spec"]
        assert "envFrom" not in spec["containers"][0] and "serviceAccountName" not in spec
        assert {volume["name"] for volume in spec["volumes"]} == {"secrets"}
        assert {secret for secret, _ in objects.secret_files(spec).values()} == {"ecom-micro"}


@claim("with servers that come with the release both Jobs wait beside them: no hooks, and of each revision others, as a Job cannot be changed", BESIDE,
       each(jobs, lambda one: one["metadata"].update(annotations={"helm.sh/hook": "pre-install"})), each(jobs, lambda one: one["metadata"].update(name=one["metadata"]["name"].removesuffix("-1"))))  # fmt: skip
def _(objects):
    assert {one["metadata"]["name"] for one in jobs(objects)} == {"migration-1", "broker-1"}
    assert all("annotations" not in one["metadata"] for one in jobs(objects))


# --- what the release makes for the servers it brings along ---


def made(objects, name):
    return objects.get("Secret", name)["stringData"]


@claim("each service has at its database a role of its own beside the owner, and at the broker a user; all with long passwords that outlive upgrade and removal", "operators",
       each(lambda objects: objects.of("Secret"), lambda one: one["metadata"].pop("annotations")), each(lambda objects: objects.of("Secret"), spoil("type", value="kubernetes.io/tls")),
       each(lambda objects: [made(objects, f"{CLUSTER[key]}-runtime") for key in KEYS], spoil("username", value="postgres")),
       each(lambda objects: [made(objects, f"{CLUSTER[key]}-runtime") for key in KEYS], spoil("password", value="short")),
       each(lambda objects: [objects.get("Secret", f"{CLUSTER[key]}-runtime")["metadata"]["labels"] for key in KEYS], spoil("cnpg.io/reload", drop=True)),
       each(lambda objects: objects.of("Cluster"), lambda one: one["spec"]["managed"]["roles"][0].update(login=False)),
       each(lambda objects: objects.of("Cluster"), lambda one: one["spec"]["managed"]["roles"][0].update(superuser=True)),
       each(lambda objects: objects.of("Cluster"), lambda one: one["spec"]["managed"]["roles"][0]["passwordSecret"].update(name="another")),
       *(once(lambda objects, key=key: made(objects, "rabbitmq-users").update({f"{key}-amqp-url": "amqp://guest:guest@rabbitmq:5672"})) for key in KEYS))  # fmt: skip
def _(objects):
    assert objects.names("Secret") == {"rabbitmq-users"} | {f"{CLUSTER[key]}-runtime" for key in KEYS}
    assert all(one["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep" for one in objects.of("Secret"))
    passwords = set()
    for key in KEYS:
        name = f"{CLUSTER[key]}-runtime"
        secret, content = objects.get("Secret", name), made(objects, name)
        assert secret["type"] == "kubernetes.io/basic-auth" and secret["metadata"]["labels"]["cnpg.io/reload"] == "true"
        (role,) = objects.get("Cluster", CLUSTER[key])["spec"]["managed"]["roles"]
        assert role == {"name": f"{key}_runtime", "ensure": "present", "login": True, "passwordSecret": {"name": name}}
        uri = f"postgresql://{key}_runtime:{content['password']}@{CLUSTER[key]}-rw:5432/{DATABASE[key]}"
        assert content == {"username": f"{key}_runtime", "password": content["password"], "uri": uri}
        passwords |= {content["password"], at_broker(made(objects, "rabbitmq-users"), key)}
    assert objects.get("Secret", "rabbitmq-users")["type"] == "Opaque"
    assert len(passwords) == 10 and all(len(one) >= 32 for one in passwords)


def at_broker(content, key):
    """A service's password there, which its URL has as well."""
    password = content[f"{key}-amqp-password"]
    assert content[f"{key}-amqp-url"] == f"amqp://{key}-service:{password}@rabbitmq:5672"
    return password


@claim("passwords for trying are long, each another, and outlive upgrade and removal", TRIAL,
       once(lambda objects: objects.get("Secret", "trial")["metadata"].pop("annotations")),
       once(lambda objects: made(objects, "trial").update({"broker-password": "guest"})),
       *(once(lambda objects, key=key: made(objects, "trial").update({f"{key}-database-url": made(objects, "trial")[f"{key}-owner-database-url"]})) for key in KEYS),
       *(once(lambda objects, key=key: made(objects, "trial").update({f"{key}-runtime-password": made(objects, "trial")["postgres-password"]})) for key in KEYS),
       *(once(lambda objects, key=key: made(objects, "trial").update({f"{key}-amqp-url": "amqp://ecom:ecom@rabbitmq:5672"})) for key in KEYS))  # fmt: skip
def _(objects):
    assert objects.get("Secret", "trial")["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    content = made(objects, "trial")
    passwords = [value for name, value in content.items() if name.endswith("-password")]
    assert len(set(passwords)) == 5 * 3 + 2 and all(len(one) >= 32 for one in passwords)
    for key in KEYS:
        for file, user, password in (("database-url", "runtime", "runtime"), ("owner-database-url", "service", "database")):
            assert content[f"{key}-{file}"] == f"postgres://{key}_{user}:{content[f'{key}-{password}-password']}@postgres:5432/{DATABASE[key]}"
        at_broker(content, key)


def first_start(objects):
    return objects.get("ConfigMap", "postgres-first-start")["data"]["first-start.sh"]


def template_of_postgres(objects):
    return objects.get("StatefulSet", "postgres")["spec"]["template"]


@claim("PostgreSQL for trying makes whatever user is missing, owner and other, with the Secret's password, at each of its starts, and starts for it", TRIAL,
       *(once(lambda objects, role=f"{key}_{kind}", before=before: objects.get("ConfigMap", "postgres-first-start")["data"].update({"first-start.sh": first_start(objects).replace(f"{before} {role}", f"{before} somebody")}))
         for key in KEYS for kind in ("service", "runtime") for before in ("CREATE ROLE", "ALTER ROLE")),
       once(lambda objects: objects.get("ConfigMap", "postgres-first-start")["data"].update({"first-start.sh": "exit 0\n" + first_start(objects)})),
       once(lambda objects: template_of_postgres(objects)["metadata"]["annotations"].pop("checksum/secrets")),
       each(lambda objects: [one["secret"]["items"][0] for volume in template_of_postgres(objects)["spec"]["volumes"] for one in volume.get("projected", {}).get("sources", [])], spoil("path", value="another")))  # fmt: skip
def _(objects):
    template, script = template_of_postgres(objects), first_start(objects)
    assert template["metadata"]["annotations"]["checksum/first-start"] == hashlib.sha256(script.rstrip("\n").encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", template["metadata"]["annotations"]["checksum/secrets"])
    files = {"postgres-password": ("trial", "postgres-password")}
    for key in KEYS:
        for role, variable, file in ((f"{key}_service", "owner", f"{key}-database-password"), (f"{key}_runtime", "runtime", f"{key}-runtime-password")):
            assert f"'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS" in script and f"ALTER ROLE {role} PASSWORD :'{variable}';" in script
            assert f'--set={variable}="$(cat /secrets/{file})"' in script
            files[file] = ("trial", file)
        assert f"CREATE DATABASE {DATABASE[key]} OWNER {key}_service" in script
    assert objects.secret_files(template["spec"]) == files


@claim("the Job finds the management of RabbitMQ for trying behind its Service", TRIAL,
       once(lambda objects: [objects.get("Service", "rabbitmq")["spec"]["ports"].remove(one) for one in list(objects.get("Service", "rabbitmq")["spec"]["ports"]) if one["port"] == 15672]),
       once(lambda objects: objects.get("StatefulSet", "rabbitmq")["spec"]["template"]["spec"]["containers"][0]["ports"].pop(1)), without("Service", names=("rabbitmq",)))  # fmt: skip
def _(objects):
    (container,) = objects.get("StatefulSet", "rabbitmq")["spec"]["template"]["spec"]["containers"]
    listening = {one["name"]: one["containerPort"] for one in container["ports"]}
    leads = {one["port"]: listening[one["targetPort"]] for one in objects.get("Service", "rabbitmq")["spec"]["ports"]}
    assert leads == {5672: 5672, 15672: 15672, 15692: 15692}
