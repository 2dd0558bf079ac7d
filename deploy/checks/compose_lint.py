#!/usr/bin/env python3
"""No service of docker-compose.yml has more than it needs: no writable root, no capabilities, no way to more of them, not
root, no password in its environment, no port open to the network. Each is bounded in memory and tells whether it is well. The
same with Kong in the gateway's place, and for production, where nothing of development starts. What must differ is listed
here, with its reason."""
import re
import sys
from pathlib import Path

import yaml

WRITES = {
    "rabbitmq": "writes beside its own configuration",
    "pgadmin": "writes its settings beside its code",
}
OWN_USER = {"pgadmin": "its image names a user of its own"}
AS_ROOT = {"shipper": "reads the engine's files of the containers' logs, which only uid 0 may; without any capability"}
CAPABILITIES = {"pgadmin": ["NET_BIND_SERVICE"]}
ENDS = {"ecom": "runs one command and ends"}
SERVICES = {"user": "user", "product": "product", "order": "order", "payment": "payment", "notify": "notification"}
# They prepare the way for others, which wait until they have ended.
BEFOREHAND = {"broker"} | {f"{name}-migrate" for name in SERVICES}
TOP = Path(__file__).parents[2]
# The image's own check is enough for our programs, but not for `ecom provider-sim`, which is no front door.
CHECKED_BY_IMAGE = re.search(r"^HEALTHCHECK .*CMD", (TOP / "deploy/Dockerfile").read_text(), re.MULTILINE)


def troubles(name, service):
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: cap_drop: [ALL]"
    if service.get("cap_add", []) != CAPABILITIES.get(name, []):
        yield f"is given {service.get('cap_add')}"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges: security_opt: [no-new-privileges:true]"
    if not service.get("read_only") and name not in WRITES:
        yield "has a writable root: read_only: true"
    ours = service["image"].startswith("ecom-micro/")  # the user stands in our Dockerfile
    if not (ours or name in OWN_USER or name in AS_ROOT) and str(service.get("user", "root")).split(":")[0] in ("root", "0"):
        yield "runs as whatever its image says: user: …"
    for variable, value in (service.get("environment") or {}).items():
        if re.search(r"PASS|SECRET|TOKEN", variable) and not variable.endswith("_FILE") and value and variable not in ALLOWED:
            yield f"has a secret in its environment: {variable}"
        if re.search(r"://[^/@]+:[^/@]+@", re.sub(r"\$\{\w+:-", "", str(value))):
            yield f"has a password in a URL: {variable}"
    if not re.fullmatch(r"\d+[mg]", str(service.get("mem_limit", ""))):
        yield "may take all memory of the machine: mem_limit"
    # The gateway alone may be opened without the rest.
    address = "${BIND_ADDRESS:-127.0.0.1}"
    if name == "gateway":
        address = "${GATEWAY_BIND_ADDRESS:-" + address + "}"
    for port in service.get("ports", []):
        if not str(port).startswith(f"{address}:"):
            yield f"opens {port} to the network"
    health = service.get("healthcheck", {})
    if name in BEFOREHAND:
        if service.get("restart") != "no":
            yield "is started again when it has ended: restart: no"
    elif name in ENDS:
        if "depends_on" in service:
            yield "starts others, which it may be asked to look at: depends_on"
    elif not health.get("test") and not (ours and "command" not in service and CHECKED_BY_IMAGE):
        yield "does not tell whether it is well: healthcheck: {test: …}"
    elif health.get("disable") or health.get("test") in ("NONE", ["NONE"]):
        yield "has its health check switched off"


ALLOWED = {
    "PGADMIN_CONFIG_MASTER_PASSWORD_REQUIRED",  # named like a secret, and none
    "CONSUL_HTTP_TOKEN",  # empty, unless an operator has a Consul of their own that asks for it
}


class Override(yaml.SafeLoader):
    """Reads Compose's `!override`: what stands there, in place of what there was."""


Override.add_constructor("!override", lambda loader, node: loader.construct_mapping(node, True) if isinstance(node, yaml.MappingNode) else loader.construct_sequence(node, True))


def over(services, file):
    """The file over docker-compose.yml, as Compose puts them together."""
    merged = dict(services)
    for name, own in yaml.load((TOP / file).read_text(), Override)["services"].items():
        before = services.get(name, {})
        merged[name] = {**before, **own}
        if "environment" in own and name != "gateway":
            merged[name]["environment"] = {**before.get("environment", {}), **own["environment"]}
        if "secrets" in own:
            merged[name]["secrets"] = before.get("secrets", []) + own["secrets"]
    return merged


# Who reads which key of the operator's in production; `ecom` opens the databases as services do.
KEYS = dict.fromkeys(("user-service", "product-service", "order-service", "payment-service", "notify-service", "ecom"), "secrets-key") | {"web": "web-cookie-key"}


def keys(services):
    """Each key reaches those who need it, and nobody else."""
    for name, service in services.items():
        given = [secret for secret in service.get("secrets", []) if secret.endswith("-key")]
        wanted = [KEYS[name]] if name in KEYS else []
        if given != wanted:
            yield f"{name} is given the keys {given}, expected {wanted}"
        for secret in wanted:
            variable = secret.upper().replace("-", "_") + "_FILE"
            if service["environment"].get(variable) != f"/run/secrets/{secret}":
                yield f"{name} is not told by {variable} where {secret} is"


def rights(services):
    """A service works as itself: nobody but who migrates is given whose the tables are, and nobody but `broker` and the
    operator's own command line is an administrator of the broker."""
    owners = {f"{database}-db-password" for database in SERVICES.values()}
    may = {f"{name}-migrate": {f"{database}-db-password"} for name, database in SERVICES.items()}
    may |= {f"{database}-db": {f"{database}-db-password"} for database in SERVICES.values()}
    may |= {name: {"rabbitmq-password"} for name in ("rabbitmq", "broker", "ecom")}
    for name, service in services.items():
        for secret in set(service.get("secrets", [])) & (owners | {"rabbitmq-password"}):
            if secret not in may.get(name, ()):
                yield f"{name} is given {secret}"
    for name in SERVICES:
        given = [secret for secret in services[f"{name}-service"]["secrets"] if secret.endswith(("-runtime-password", "-amqp-password"))]
        if sorted(given) != [f"{name}-amqp-password", f"{name}-runtime-password"]:
            yield f"{name}-service works by {given}"


def production(services):
    """What must not start in production, and what must not be taken from development there."""
    yield from keys(services)
    for name in ("provider-sim", "mailpit", "pgadmin"):
        if services[name].get("profiles") != ["development"]:
            yield f"{name} starts in production: profiles: [development]"
    for name, service in services.items():
        if service.get("profiles"):
            continue
        for needed in service.get("depends_on", {}):
            if services[needed].get("profiles"):
                yield f"{name} waits in production for {needed}, which does not start"
        environment = service.get("environment") or {}
        if "ECOM_ENV" in environment and environment["ECOM_ENV"] != "production":
            yield f"{name} may be told that it is development"
    for name, variable in (("payment-service", "PROVIDER_URL"), ("notify-service", "SMTP_URL"), ("web", "PUBLIC_URL")):
        if not services[name]["environment"][variable].startswith("${" + variable + ":?"):
            yield f"{name} starts in production without {variable}"


def main():
    services = yaml.safe_load((TOP / "docker-compose.yml").read_text())["services"]
    files = {file: over(services, file) for file in ("docker-compose.kong.yml", "docker-compose.production.yml")}
    files["docker-compose.yml"] = services
    found = [f"{file}: {name} {trouble}" for file, its in files.items() for name, service in its.items() for trouble in troubles(name, service)]
    found += [f"{file}: {trouble}" for file, its in files.items() for trouble in rights(its)]
    found += [f"docker-compose.production.yml: {trouble}" for trouble in production(files["docker-compose.production.yml"])]
    for one in found:
        print(one, file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"lint: {len(services)} services of docker-compose.yml have no more than they need, with Kong and in production too")


if __name__ == "__main__":
    main()
