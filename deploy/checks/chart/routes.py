"""Claims about the front door: a request goes where Compose's gateway sends it, and nowhere else. Compose's routes are read from
deploy/gateway/dynamic/routes.yml; the paths asked are those of the services' documents and those deploy/gateway/check.py knocks at."""
import copy
import functools
import importlib.util
import json
import operator
import pathlib
import re

import yaml

from claims import claim, each, once, without
from forms import NAMESPACE, PROGRAMS, SERVICES, TRIAL
from pods import spoil

TOP = pathlib.Path(__file__).resolve().parents[3]
GATEWAY = TOP / "deploy/gateway"
INGRESS, API, PLAIN = ("default", "production", "operators", "old-production"), ("gateway-api",), ("plain-gateway",)
EVERYWHERE = ["no-claims", "secure", "at-once", "requests", "away"]
NOTHING = None  # answered 404


def knocked():
    """Paths that deploy/gateway/check.py knocks at; but those that Traefik itself tidies up or refuses (test.py shows that)."""
    spec = importlib.util.spec_from_file_location("gateway_check", GATEWAY / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    paths = [path for path, _ in module.OPEN] + module.CLOSED
    plain = re.compile(r"/(?!.*(//|/\.{1,2}(/|$)))[^%\\\t]*")
    return [path.split("?")[0] for path in paths if plain.fullmatch(path)]


@functools.cache
def documented():
    """{service: {path}}: what each service's document says is for the public (as it is without /api), and all the rest it has."""
    found = {}
    for name in SERVICES:
        paths = json.loads((TOP / f"docs/openapi/{name}.json").read_text())["paths"]
        found[name] = {re.sub(r"\{\w+\}", "1", path) for path in paths}
    return found


@functools.cache
def requests():
    asked = {path for path in knocked()}
    for paths in documented().values():
        asked |= {path for path in paths} | {f"/api{path}" for path in paths}
    firsts = {first for one in compose().values() for group in re.findall(r"\^/api/\(?([a-z|]+)\)?\(/\|\$\)", one["rule"]) for first in group.split("|")}
    assert {"users", "carts", "notifications"} <= firsts, firsts
    asked |= {f"/api/{first}{rest}" for first in firsts for rest in ("", "/", "/x", "foo")} | {"/api/auth/login", "/products", "/flow/now"}
    return [(method, path) for path in sorted(asked) for method in ("GET", "POST", "DELETE")]


@functools.cache
def pages():
    """What the program `web` answers with something else than 404."""
    text = "".join((TOP / "web/src" / name).read_text() for name in ("lib.rs", "main.rs", "shop/mod.rs"))
    found = set(re.findall(r'\.route\("([^"]+)"', text))
    assert {"/", "/metrics", "/livez", "/readyz"} <= found, "the pages' routes are written in another way"
    return found


# --- Compose ---


@functools.cache
def compose():
    text = (GATEWAY / "dynamic/routes.yml").read_text()
    return yaml.safe_load(text)["http"]["routers"]


def chain(names):
    """Middlewares of a router of Compose, with those that stand for several written out."""
    return [one for name in names for one in (["size", "no-referrer", "without-api"] if name == "writing" else [name])]


def rule_holds(rule, method, path):
    python = re.sub(r"(\w+)\(`([^`]*)`\)", lambda found: f"{found[1]}({found[2]!r})", rule)
    python = re.sub(r"!(?=\w)", " not ", python.replace("&&", " and ").replace("||", " or "))
    words = {
        "Method": lambda name: method == name,
        "Path": lambda one: path == one,
        "PathPrefix": path.startswith,
        "PathRegexp": lambda pattern: re.search(pattern, path) is not None,
    }
    return eval(python, {"__builtins__": {}}, words)  # noqa: S307  # our own file


@functools.cache
def by_compose(method, path):
    """(program, path it gets, Middlewares), or nothing."""
    fitting = [one for one in compose().values() if rule_holds(one["rule"], method, path)]
    router = max(fitting, key=lambda one: one["priority"])
    middlewares = chain(router.get("middlewares", []))
    if router["service"] == "noop@internal":
        return NOTHING
    return router["service"], path.removeprefix("/api") if "without-api" in middlewares else path, middlewares


def shown(decision):
    """What somebody sees of a decision: the pages say 404 themselves; but of /api they know nothing."""
    if decision is NOTHING:
        return NOTHING
    name, path = decision[:2]
    if name == "web" and path not in pages() and not prefix_by_segments("/api", path) and not re.fullmatch(r"/flow(/.*)?", path):
        return NOTHING
    return name, path


# --- Ingress ---


def prefix_by_segments(prefix, path):
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def prefix_by_letters(prefix, path):
    return path.startswith(prefix)


def by_ingress(objects, prefix_fits):
    """The decisions of a controller that goes by Traefik's priorities; prefixes are whole segments, or, as Traefik takes them unless
    told otherwise, any continuation."""
    table = []
    for one in objects.of("Ingress"):
        notes = one["metadata"]["annotations"]
        names = [name.removeprefix(f"{NAMESPACE}-").removesuffix("@kubernetescrd") for name in notes["traefik.ingress.kubernetes.io/router.middlewares"].split(",")]
        assert set(names) <= objects.names("Middleware"), names
        assert names[: len(EVERYWHERE)] == EVERYWHERE
        matcher = notes.get("traefik.ingress.kubernetes.io/router.pathmatcher")
        for path in one["spec"]["rules"][0]["http"]["paths"]:
            to = path["backend"]["service"]
            assert PROGRAMS[to["name"]] == to["port"]["number"]
            assert (path["pathType"] == "ImplementationSpecific") == (matcher == "PathRegexp") and path["path"].startswith("/")
            table.append((int(notes["traefik.ingress.kubernetes.io/router.priority"]), len(path["path"]), path["path"], path["pathType"], to["name"], names[len(EVERYWHERE) :]))

    def decide(_method, path):
        fits = {"Exact": operator.eq, "Prefix": prefix_fits, "ImplementationSpecific": re.search}
        fitting = [one for one in table if fits[one[3]](one[2], path)]
        _, _, _, _, name, names = max(fitting, key=lambda one: one[:2])
        if "not-here" in names:
            return NOTHING
        return name, path.removeprefix("/api") if "without-api" in names else path, names

    return decide


# --- Gateway API ---


def by_gateway_api(objects):
    """Exact before prefix, longer before shorter, then a method before none."""
    table = []
    for route in objects.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            (to,) = rule["backendRefs"]
            assert PROGRAMS[to["name"]] == to["port"]
            for match in rule["matches"]:
                value, exact = match["path"]["value"], match["path"]["type"] == "Exact"
                table.append(((exact, len(value), "method" in match), value, match.get("method"), to["name"], rule.get("filters", [])))

    def decide(method, path):
        fitting = [one for one in table if (path == one[1] if one[0][0] else prefix_by_segments(one[1], path)) and one[2] in (None, method)]
        _, value, _, name, filters = max(fitting, key=lambda one: one[0])
        names = [one["extensionRef"]["name"] for one in filters if one["type"] == "ExtensionRef"]
        assert set(names) <= objects.names("Middleware"), names
        for one in filters:
            to = one.get("urlRewrite", {}).get("path", {})
            if to.get("type") == "ReplaceFullPath":
                path, names = to["replaceFullPath"], [*names, "without-api"]
            elif to.get("type") == "ReplacePrefixMatch":
                path, names = to["replacePrefixMatch"] + path[len(value) :], [*names, "without-api"]
        return name, path, names[len(EVERYWHERE) :] if names[: len(EVERYWHERE)] == EVERYWHERE else names

    return decide


def same_as_compose(decide):
    for method, path in requests():
        expected, found = shown(by_compose(method, path)), shown(decide(method, path))
        assert found == expected, f"{method} {path} goes to {found}, in Compose to {expected}"


def same_middlewares(decide, also_orders=r"(?!)"):
    """What writes meets what it meets in Compose, in that order; limits of logins and orders may hold for reading as well, and that
    of orders for `also_orders`."""
    for method, path in requests():
        expected, found = by_compose(method, path), decide(method, path)
        if expected and expected[0] != "web":
            wanted = expected[2]
            if method == "POST" and re.match(also_orders, path) and "orders" not in wanted:
                wanted = ["orders", *wanted]
            if method == "POST":
                assert found[2] == wanted, f"{method} {path} meets {found[2]}, in Compose {wanted}"
            else:
                assert set(wanted) <= set(found[2]) <= {*wanted, "size", "sign-ins", "orders"}, f"{method} {path} meets {found[2]}, in Compose {wanted}"


def ingress_paths(objects):
    return [path for one in objects.of("Ingress") for path in one["spec"]["rules"][0]["http"]["paths"] if path["pathType"] == "Prefix"]


def another_service(path):
    to = path["backend"]["service"]
    name = "order-service" if to["name"] == "user-service" else "user-service"
    path["backend"]["service"] = {"name": name, "port": {"number": PROGRAMS[name]}}


def not_pages(objects):
    return [path for path in ingress_paths(objects) if path["backend"]["service"]["name"] != "web"]


def not_closing(objects):
    return [one for one in objects.of("Ingress") if "not-here" in one["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.middlewares"]]


def open_it(one):
    notes = one["metadata"]["annotations"]
    notes["traefik.ingress.kubernetes.io/router.middlewares"] = notes["traefik.ingress.kubernetes.io/router.middlewares"].replace(f",{NAMESPACE}-not-here@kubernetescrd", "")


@claim("by Ingress each request goes where Compose's gateway sends it", INGRESS, each(not_pages, another_service), without("Ingress", names=("api", "closed", "pages")), each(not_closing, open_it))
def _(objects):
    same_as_compose(by_ingress(objects, prefix_by_segments))


@claim("by Ingress with prefixes as Traefik takes them, nothing but public routes of a service is reached", INGRESS, each(not_closing, open_it),
       once(lambda objects: objects.get("Ingress", "pages")["spec"]["rules"][0]["http"]["paths"].append({"path": "/api", "pathType": "Prefix", "backend": {"service": {"name": "user-service", "port": {"number": 8081}}}})
            or objects.get("Ingress", "pages")["metadata"]["annotations"].update({"traefik.ingress.kubernetes.io/router.priority": "45"})))  # fmt: skip
def _(objects):
    decide = by_ingress(objects, prefix_by_letters)
    firsts = {f"/{path.split('/')[2]}" for path in (one["path"] for one in not_pages(objects))}
    for method, path in requests():
        expected, found = shown(by_compose(method, path)), shown(decide(method, path))
        # A continuation such as /api/usersfoo is let through to a service, which has no such route.
        beyond = found and found[0] != "web" and any(found[1].startswith(first) for first in firsts) and found[1] not in documented()[found[0]]
        assert found == expected or (expected is NOTHING and beyond), f"{method} {path} goes to {found}, in Compose to {expected}"


@claim("by Ingress what writes meets the Middlewares it meets in Compose", INGRESS,
       each(lambda objects: [objects.get("Ingress", name) for name in ("api", "sign-ins", "orders", "checkouts")], lambda one: one["metadata"]["annotations"].update({"traefik.ingress.kubernetes.io/router.middlewares": one["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.middlewares"].replace(f"{NAMESPACE}-size@kubernetescrd,", "")})),
       without("Ingress", names=("sign-ins", "orders", "checkouts")))  # fmt: skip
def _(objects):
    same_middlewares(by_ingress(objects, prefix_by_segments))


@claim("an Ingress is of Traefik's class, for the shop's host alone", INGRESS, each(lambda objects: objects.of("Ingress"), spoil("spec", "ingressClassName", value="nginx")),
       each(lambda objects: objects.of("Ingress"), lambda one: one["spec"]["rules"][0].pop("host")))  # fmt: skip
def _(objects):
    assert objects.names("Ingress") == {"closed", "sign-ins", "orders", "checkouts", "api", "no-such-api", "pages"}
    for one in objects.of("Ingress"):
        assert one["spec"]["ingressClassName"] == "traefik" and [rule["host"] for rule in one["spec"]["rules"]] == ["shop.example"]


@claim("with a certificate each Ingress has it", ("production", "old-production"), each(lambda objects: objects.of("Ingress"), spoil("spec", "tls", drop=True)))
def _(objects):
    assert all(one["spec"]["tls"] == [{"secretName": "shop-certificate", "hosts": ["shop.example"]}] for one in objects.of("Ingress"))


def leave_referrers_alone(objects, decide):
    """Of what the pages answer nothing says anything else about referrers; the API's answers are told to nobody."""
    told = {one["metadata"]["name"]: one["spec"]["headers"]["referrerPolicy"] for one in objects.of("Middleware") if "referrerPolicy" in one["spec"].get("headers", {})}
    assert told == {"no-referrer": "no-referrer"}
    for method, path in requests():
        found = decide(method, path)
        assert found is NOTHING or ("no-referrer" in found[2]) == (found[0] != "web"), f"{method} {path} meets {found[2]}"


def secured(objects):
    return objects.get("Middleware", "secure")["spec"]["headers"]


@claim("by Ingress the pages keep their own referrer policy, without which browsers call the origin of their forms null", INGRESS, once(lambda objects: secured(objects).update(referrerPolicy="no-referrer")),
       once(lambda objects: objects.get("Ingress", "pages")["metadata"]["annotations"].update({"traefik.ingress.kubernetes.io/router.middlewares": objects.get("Ingress", "api")["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.middlewares"]})))  # fmt: skip
def _(objects):
    leave_referrers_alone(objects, by_ingress(objects, prefix_by_segments))


@claim("by the Gateway API of Traefik they keep it, too", API, once(lambda objects: secured(objects).update(referrerPolicy="no-referrer")),
       once(lambda objects: objects.get("HTTPRoute", "shop")["spec"]["rules"][-1]["filters"].append(rules(objects)[1]["filters"][6])),
       each(lambda objects: objects.get("HTTPRoute", "shop")["spec"]["rules"][1:-1], lambda rule: rule["filters"].pop(6)))  # fmt: skip
def _(objects):
    leave_referrers_alone(objects, by_gateway_api(objects))


def rules(objects):
    return [rule for route in objects.of("HTTPRoute") for rule in route["spec"]["rules"]]


@claim("by the Gateway API each request goes where Compose's gateway sends it", API + PLAIN,
       each(lambda objects: [rule for rule in objects.get("HTTPRoute", "shop")["spec"]["rules"][1:-1]], lambda rule: rule["filters"].pop()),
       each(lambda objects: objects.get("HTTPRoute", "shop")["spec"]["rules"][0]["matches"][1:], lambda match: match["path"].update(value="/elsewhere")),
       once(lambda objects: objects.get("HTTPRoute", "shop")["spec"]["rules"].pop()))  # fmt: skip
def _(objects):
    same_as_compose(by_gateway_api(objects))


@claim("by the Gateway API of Traefik what writes meets the Middlewares it meets in Compose", API, without("HTTPRoute", names=("sign-ins", "orders")),
       each(lambda objects: objects.get("HTTPRoute", "sign-ins")["spec"]["rules"], lambda rule: rule["filters"].pop(0)),
       each(lambda objects: objects.get("HTTPRoute", "shop")["spec"]["rules"][1:-1], lambda rule: rule["filters"].pop(5)))  # fmt: skip
def _(objects):
    same_middlewares(by_gateway_api(objects), also_orders=r"/api/carts(/|$)")
    assert all([one["extensionRef"]["name"] for one in rule["filters"][:5]] == EVERYWHERE for rule in rules(objects))


@claim("by the Gateway API of another controller nothing of Traefik's is asked for", PLAIN, each(lambda objects: rules(objects)[:1], lambda rule: rule["filters"].append({"type": "ExtensionRef", "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "away"}})))
def _(objects):
    assert not objects.of("Middleware") and objects.names("HTTPRoute") == {"shop"}
    assert all(one["type"] == "URLRewrite" for rule in rules(objects) for one in rule.get("filters", []))


@claim("the Gateway listens for its own namespace, with the certificate where there is one, and the routes name it", API + PLAIN,
       once(lambda objects: objects.get("Gateway", "shop")["spec"]["listeners"][0].update(allowedRoutes={"namespaces": {"from": "All"}})),
       each(lambda objects: objects.of("HTTPRoute"), lambda route: route["spec"].update(parentRefs=[{"name": "another"}])))  # fmt: skip
def _(objects):
    (listener,) = objects.get("Gateway", "shop")["spec"]["listeners"]
    assert objects.get("Gateway", "shop")["spec"]["gatewayClassName"] == "traefik" and listener["allowedRoutes"] == {"namespaces": {"from": "Same"}}
    assert (listener["protocol"] == "HTTPS") == bool(listener.get("tls"))
    for route in objects.of("HTTPRoute"):
        assert route["spec"]["parentRefs"] == [{"name": "shop", "sectionName": listener["name"]}] and route["spec"]["hostnames"] == ["shop.example"]


@functools.cache
def production_file():
    """deploy/gateway/dynamic/middlewares.yml, as Traefik reads it in production with no variable set."""
    text = (GATEWAY / "dynamic/middlewares.yml").read_text()
    text = re.sub(r'\{\{- if eq \(env "ECOM_ENV"\) "production" \}\}(.*?)(\{\{- else \}\}.*?)?\{\{- end \}\}', r"\1", text, flags=re.S)
    text = re.sub(r'\{\{ mul 3 \(env "\w+" \| default "(\d+)"\) \}\}', lambda found: str(3 * int(found[1])), text)
    text = re.sub(r'\{\{ env "\w+" \| default "(\d+)" \}\}', r"\1", text)
    return yaml.safe_load(text)["http"]["middlewares"]


@claim("the Middlewares say what Compose's say in production", INGRESS + API, without("Middleware"),
       each(lambda objects: objects.of("Middleware"), spoil("spec", value={"headers": {}})), once(lambda objects: objects.get("Middleware", "no-claims")["spec"]["headers"]["customRequestHeaders"].pop("X-Role")))  # fmt: skip
def _(objects):
    expected = copy.deepcopy(production_file())
    for name in ("writing", "to-mailpit"):  # a chain that is written out here; the way to Compose's mails
        del expected[name]
    expected["away"]["errors"]["service"] = {"name": "web", "port": 8086}
    assert {one["metadata"]["name"]: one["spec"] for one in objects.of("Middleware")} == expected


@claim("the gateway's pod is told what Compose's gateway is told, file by file", TRIAL,
       *(once(lambda objects, name=name: objects.get("ConfigMap", "gateway")["data"].update({name: "http: {}\n"})) for name in ("traefik.yml", "routes.yml", "middlewares.yml", "tls.yml")),
       once(lambda objects: objects.get("Deployment", "gateway")["spec"]["template"]["spec"]["volumes"][1]["configMap"]["items"].pop()))  # fmt: skip
def _(objects):
    held = objects.get("ConfigMap", "gateway")["data"]
    files = {path.name: path.read_text() for path in [GATEWAY / "traefik.yml", *(GATEWAY / "dynamic").glob("*.yml")]}
    assert held == files
    (volume,) = [one for one in objects.get("Deployment", "gateway")["spec"]["template"]["spec"]["volumes"] if one["name"] == "configuration"]
    placed = {item["key"]: item["path"] for item in volume["configMap"]["items"]}
    assert placed == {name: name if name == "traefik.yml" else f"dynamic/{name}" for name in files}


@claim("each variable the gateway's files ask for, it is given or can do without", TRIAL, once(lambda objects: objects.program("gateway")["env"].pop(0)), once(lambda objects: objects.program("gateway")["env"].pop(1)))
def _(objects):
    asked = {name for text in objects.get("ConfigMap", "gateway")["data"].values() for name in re.findall(r'env "(\w+)"', text)}
    given = {one["name"] for one in objects.program("gateway")["env"]}
    # TLS is not the pod's: a certificate, the port and the redirect are for who stands before it. The mails' port is development's.
    assert asked - given == {"GATEWAY_CERTIFICATE", "GATEWAY_ONLY_TLS", "GATEWAY_TLS_PORT", "MAIL_UI_PORT"} and given <= asked
