"""Custom resources, of which kubernetes-validate has no schemas. These are ours: strict, and of the fields that the chart uses,
written down from the definitions that Traefik, the Gateway API (v1, standard), the Prometheus operator, CloudNativePG and the
RabbitMQ Cluster Operator publish. A field that is not here is a finding, and has to be looked up there first."""
import jsonschema

STRING, BOOL = {"type": "string", "minLength": 1}, {"type": "boolean"}
COUNT = {"type": "integer", "minimum": 0}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
STRINGS = {"type": "array", "minItems": 1, "items": STRING}
LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}


def fields(required, **optional):
    """An object of these fields and no others."""
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": required | optional}


def some(of, least=1, most=64):
    return {"type": "array", "minItems": least, "maxItems": most, "items": of}


def one_of_fields(**kinds):
    return {"type": "object", "additionalProperties": False, "minProperties": 1, "maxProperties": 1, "properties": kinds}


METADATA = fields({"name": STRING, "labels": LABELS}, annotations=LABELS, namespace=STRING)


def schema(spec):
    return fields({"apiVersion": STRING, "kind": STRING, "metadata": METADATA, "spec": spec})


# --- Traefik ---
PER_ADDRESS = fields({"ipStrategy": fields({"ipv6Subnet": COUNT})})
MIDDLEWARE = one_of_fields(
    stripPrefix=fields({"prefixes": STRINGS}),
    ipAllowList=fields({"sourceRange": STRINGS}, rejectStatusCode=COUNT),
    buffering=fields({}, maxRequestBodyBytes=COUNT, memRequestBodyBytes=COUNT),
    rateLimit=fields({"average": COUNT, "burst": COUNT, "sourceCriterion": PER_ADDRESS}, period=STRING),
    inFlightReq=fields({"amount": COUNT, "sourceCriterion": PER_ADDRESS}),
    errors=fields(
        {"status": STRINGS, "service": fields({"name": NAME, "port": PORT}), "query": STRING},
        statusRewrites={"type": "object", "additionalProperties": COUNT},
    ),
    headers=fields({}, customRequestHeaders=LABELS, contentTypeNosniff=BOOL, frameDeny=BOOL, referrerPolicy=STRING, stsSeconds=COUNT),
)

# --- Gateway API ---
PARENT = fields({"name": NAME}, namespace=NAME, sectionName=NAME)
HOSTNAMES = some({"type": "string", "pattern": r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"}, most=16)
REWRITE = {
    "oneOf": [
        fields({"type": {"const": "ReplaceFullPath"}, "replaceFullPath": STRING}),
        fields({"type": {"const": "ReplacePrefixMatch"}, "replacePrefixMatch": STRING}),
    ]
}
FILTER = {
    "oneOf": [
        fields({"type": {"const": "URLRewrite"}, "urlRewrite": fields({"path": REWRITE})}),
        fields({"type": {"const": "ExtensionRef"}, "extensionRef": fields({"group": STRING, "kind": STRING, "name": NAME})}),
    ]
}
MATCH = fields(
    {"path": fields({"type": {"enum": ["Exact", "PathPrefix"]}, "value": {"type": "string", "pattern": "^/"}})},
    method={"enum": ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]},
)
RULE = fields({"matches": some(MATCH), "backendRefs": some(fields({"name": NAME, "port": PORT}), most=16)}, filters=some(FILTER, 0, 16))
HTTP_ROUTE = fields({"parentRefs": some(PARENT, most=32), "hostnames": HOSTNAMES, "rules": some(RULE, most=16)})
LISTENER = fields(
    {"name": NAME, "protocol": {"enum": ["HTTP", "HTTPS"]}, "port": PORT},
    tls=fields({"mode": {"const": "Terminate"}, "certificateRefs": some(fields({"name": NAME}))}),
    allowedRoutes=fields({"namespaces": fields({"from": {"enum": ["Same", "All", "Selector"]}})}),
)
GATEWAY = fields({"gatewayClassName": NAME, "listeners": some(LISTENER)})

# --- Prometheus operator ---
DURATION = {"type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"}
SELECTOR = fields({}, matchLabels=LABELS, matchExpressions=some(fields({"key": STRING, "operator": {"enum": ["In", "NotIn"]}, "values": STRINGS})))
SERVICE_MONITOR = fields(
    {"selector": SELECTOR, "endpoints": some(fields({"port": NAME}, path=STRING, interval=DURATION, honorLabels=BOOL))},
    jobLabel=STRING,
    targetLabels=STRINGS,
)
RECORD = fields({"record": STRING, "expr": STRING}, labels=LABELS)
ALERT = fields({"alert": STRING, "expr": STRING}, **{"for": DURATION, "labels": LABELS, "annotations": LABELS})
PROMETHEUS_RULE = fields({"groups": some(fields({"name": STRING, "rules": some({"oneOf": [RECORD, ALERT]})}))})

# --- CloudNativePG, RabbitMQ Cluster Operator ---
QUANTITIES = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
RESOURCES = fields({}, requests=QUANTITIES, limits=QUANTITIES)
INITDB = fields(
    {"database": STRING, "owner": STRING}, encoding=STRING, dataChecksums=BOOL, localeProvider={"enum": ["libc", "icu", "builtin"]}, builtinLocale=STRING
)
ROLE = fields({"name": STRING}, ensure={"enum": ["present", "absent"]}, login=BOOL, passwordSecret=fields({"name": NAME}))
CLUSTER = fields(
    {"instances": {"type": "integer", "minimum": 1}, "bootstrap": fields({"initdb": INITDB}), "storage": fields({"size": STRING}, storageClass=STRING)},
    imageName=STRING,
    resources=RESOURCES,
    postgresql=fields({}, parameters=LABELS),
    managed=fields({}, roles=some(ROLE)),
)
RABBITMQ_CLUSTER = fields({"replicas": COUNT}, image=STRING, resources=RESOURCES, persistence=fields({"storage": STRING}, storageClassName=STRING))

SCHEMAS = {
    ("traefik.io/v1alpha1", "Middleware"): schema(MIDDLEWARE),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): schema(HTTP_ROUTE),
    ("gateway.networking.k8s.io/v1", "Gateway"): schema(GATEWAY),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): schema(SERVICE_MONITOR),
    ("monitoring.coreos.com/v1", "PrometheusRule"): schema(PROMETHEUS_RULE),
    ("postgresql.cnpg.io/v1", "Cluster"): schema(CLUSTER),
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): schema(RABBITMQ_CLUSTER),
}
# What only clusters before 1.25 and 1.26 know; claims look at their fields.
OLD = {"policy/v1beta1", "autoscaling/v2beta2"}


def findings(one):
    validator = jsonschema.Draft7Validator(SCHEMAS[one["apiVersion"], one["kind"]])
    return [f"at {list(error.path)}: {error.message}" for error in validator.iter_errors(one)]
