#!/usr/bin/env python3
"""No service of docker-compose.yml has more than it needs: no writable root, no capabilities, no way to more of them, not
root, no password in its environment, no port open to the network. What must differ is listed here, with its reason."""
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
    for port in service.get("ports", []):
        if not str(port).startswith("${BIND_ADDRESS:-127.0.0.1}:"):
            yield f"opens {port} to the network"


# Named like secrets, and none.
ALLOWED = {"PGADMIN_CONFIG_MASTER_PASSWORD_REQUIRED"}


def main():
    compose = yaml.safe_load((Path(__file__).parent.parent / "docker-compose.yml").read_text())
    services = compose["services"]
    found = [f"{name} {trouble}" for name, service in services.items() for trouble in troubles(name, service)]
    for one in found:
        print(f"docker-compose.yml: {one}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"lint: {len(services)} services of docker-compose.yml have no more than they need")


if __name__ == "__main__":
    main()
