#!/usr/bin/env python3
"""Checks Kong's configuration without Kong: its form by schema.json, and that it opens, closes and limits the same paths as
Traefik's; and that Traefik's limit what the services' documents (docs/openapi) say is for anybody. Both tables are read here by the rules their makers write down for choosing a route."""
import json
import re
import sys
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "docs/openapi"
TRAEFIK = HERE.parent / "gateway/dynamic"
sys.path.insert(0, str(HERE.parent / "gateway"))
from check import CLOSED, OPEN  # noqa: E402

PATHS = ["/flow", "/flow/stream", "/products", "/verify-email", "/dev/mails", "/dev/mailsx", "/internal", "/Metrics", "/metricsx",
         "/api", "/api/flow", "/api/docs", "/api/.well-known/jwks.json", "/api/auth", "/api/auth/", "/api/auth/login", "/api/auth/loginx",
         "/api/auth/login/x", "/api/auth/register", "/api/auth/resend-verification", "/api/auth/verify-email", "/api/auth/current-user",
         "/api/users/1", "/api/categories", "/api/categoriesx", "/api/orders", "/api/orders/", "/api/orders/1/cancel", "/api/carts",
         "/api/carts/1/checkout", "/api/carts/1/checkout/x", "/api/carts/1/lines/checkout", "/api/carts//checkout", "/api/payments/1", "/api/webhooks/x", "/api/notifications/stream"]  # fmt: skip


def traefik_route(table, method, path):
    """The service, the path there, and which limit, by the rule with the highest priority that holds."""
    names = {
        "PathRegexp": lambda pattern: re.search(pattern, path) is not None,
        "PathPrefix": path.startswith,
        "Path": lambda exact: path == exact,
        "Method": lambda wanted: method == wanted,
    }
    for name, router in sorted(table.items(), key=lambda item: -item[1]["priority"]):
        rule = re.sub(r"`([^`]*)`", lambda match: repr(match[1]), router["rule"])
        rule = rule.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
        if eval(rule, {"__builtins__": {}}, names):
            middlewares = router.get("middlewares", [])
            if "not-here" in middlewares:
                return "closed"
            if "to-mailpit" in middlewares:
                return "mails"
            strips = {"without-api", "writing"} & set(middlewares)
            limit = next((one for one in ["sign-ins", "orders"] if one in middlewares), None)
            return router["service"], path.removeprefix("/api") if strips else path, limit
    return None


def kong_route(routes, method, path):
    """The same: more kinds of conditions first, then regular expressions by priority, then longer prefixes."""
    found = []
    for service, route in routes:
        if method not in route.get("methods", [method]):
            continue
        for pattern in route["paths"]:
            expression = pattern[1:].replace("(?<", "(?P<") if pattern.startswith("~") else None
            match = re.match(expression, path) if expression else path.startswith(pattern)
            if match:
                kinds = ("methods" in route) + ("paths" in route)
                rank = (kinds, expression is not None, route.get("regex_priority", 0) if expression else len(pattern))
                found.append((rank, service, route, match))
    if not found:
        return None
    _, service, route, match = max(found, key=lambda one: one[0])
    own = {plugin["name"]: plugin["config"] for plugin in route.get("plugins", [])}
    if "request-termination" in own:
        return "closed"
    if "redirect" in own:
        return "mails"
    plugins = {plugin["name"]: plugin["config"] for plugin in service["plugins"]} | own
    rewritten = plugins["request-transformer"].get("replace", {}).get("uri") == "$(uri_captures.rest)"
    minute = own.get("rate-limiting", {}).get("minute")
    limit = {30: "sign-ins", 120: "orders"}.get(minute, minute)
    return service["name"], match["rest"] if rewritten else path, limit


def documented():
    """(path as it is asked for, method, operation), of all that the services' documents have for the public."""
    for document in sorted(DOCUMENTS.glob("*-service.json")):
        for path, methods in json.loads(document.read_text())["paths"].items():
            if not path.startswith("/internal/"):
                for method, operation in methods.items():
                    yield document.stem, "/api" + re.sub(r"\{\w+\}", "1", path), method.upper(), operation


def limit_of(service, operation):
    """What is taken from anybody by user-service counts as a sign-in, and what answers with a new order, or takes a withdrawal
    from anybody, as an order."""
    if service == "user-service" and "security" not in operation:
        return "sign-ins"
    made = operation["responses"].get("201", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return "orders" if made.get("$ref", "").endswith(("/OrderView", "/WithdrawalReceived")) else None


def limited(traefik):
    """Every door that has to be bounded is. What is not, may be: whole families are."""
    found = {"sign-ins": 0, "orders": 0}
    for service, path, method, operation in documented():
        if method != "POST" or not (wanted := limit_of(service, operation)):
            continue
        found[wanted] += 1
        if traefik_route(traefik["http"]["routers"], method, path)[2] != wanted:
            sys.exit(f"gateway: {method} {path} is not bounded by `{wanted}`: add it in deploy/gateway/dynamic/routes.yml, "
                     "deploy/kong/kong.yml and the chart's _routes.tpl")  # fmt: skip
    if found["sign-ins"] < 20 or found["orders"] < 3:
        sys.exit(f"gateway: the documents hold {found} doors to bound: they are written in another way")
    return found


def same_routes(kong, traefik):
    routes = [(service, route) for service in kong["services"] for route in service["routes"]]
    routes += [(None, route) for route in kong["routes"]]
    # Both resolve `..` and `//` first, and refuse encoded separators; what is left to compare is what a router sees.
    tidy = [path.split("?")[0] for path, _ in OPEN] + [path.split("?")[0] for path in CLOSED if path.startswith("/")]
    tidy = [path for path in tidy if "//" not in path and "/." not in path and "%" not in path and "\\" not in path and path.isprintable()]
    compared = 0
    for path in sorted({*tidy, *PATHS, *(path for _, path, _, _ in documented())}):
        for method in ["GET", "POST", "PUT", "DELETE"]:
            one, other = traefik_route(traefik["http"]["routers"], method, path), kong_route(routes, method, path)
            compared += 1
            if one != other:
                sys.exit(f"kong: {method} {path}: Traefik leads to {one}, Kong to {other}")
    return compared


def same_headers(kong, middlewares):
    taken = set(re.findall(r'^          ([A-Z][A-Za-z-]+): ""$', middlewares, re.MULTILINE)) - {"Traceparent"}
    for service in kong["services"]:
        config = next(plugin["config"] for plugin in service["plugins"] if plugin["name"] == "request-transformer")
        difference = taken ^ set(config["remove"]["headers"])
        if difference or not taken:
            sys.exit(f"kong: {service['name']}: not the headers that Traefik takes off: {sorted(difference)}")
    return len(taken)


def main():
    kong = yaml.safe_load((HERE / "kong.yml").read_text())
    problems = list(jsonschema.Draft202012Validator(json.loads((HERE / "schema.json").read_text())).iter_errors(kong))
    for problem in problems:
        print(f"kong: {problem.json_path}: {problem.message}", file=sys.stderr)
    if problems:
        sys.exit(1)
    traefik = yaml.safe_load((TRAEFIK / "routes.yml").read_text())
    addresses = {service["name"]: f"http://{service['host']}:{service['port']}" for service in kong["services"]}
    theirs = {name: service["loadBalancer"]["servers"][0]["url"] for name, service in traefik["http"]["services"].items()}
    if addresses != theirs:
        sys.exit(f"kong: its services are {addresses}, Traefik's {theirs}")
    middlewares = (TRAEFIK / "middlewares.yml").read_text()
    for limit, variable in {30: "SIGN_INS_PER_MINUTE", 120: "ORDERS_PER_MINUTE"}.items():
        if f'"GATEWAY_{variable}" | default "{limit}"' not in middlewares:
            sys.exit(f"kong: {limit} is not Traefik's GATEWAY_{variable}")
    doors = limited(traefik)
    compared, headers = same_routes(kong, traefik), same_headers(kong, middlewares)
    print(f"gateway: {doors['sign-ins']} doors of user-service are bounded as sign-ins, {doors['orders']} as orders")
    print(f"kong: form as in schema.json; {compared} requests are led as Traefik leads them, {headers} headers taken off")


if __name__ == "__main__":
    main()
