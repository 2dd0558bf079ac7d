"""Values that must be refused before anything reaches a cluster, each by a sentence that says what to do."""
import sys

from forms import NEEDED, OWNING, helm

TRIAL = ["--values", "examples/trial.yaml"]

# arguments, and what must be said
REFUSED = [
    # by the templates
    ([], "publicUrl is not set: name https://"),
    ([*NEEDED, "--set", "publicUrl=http://shop.example"], "publicUrl is http://shop.example, which others can read"),
    (["--set", "publicUrl=https://shop.example"], "provider.url is not set: name https://"),
    ([*NEEDED, "--set", "provider.url=http://payments.example"], "provider.url is http://payments.example, which others can read"),
    ([*NEEDED, "--set", "provider.simulated=true"], "provider.url and provider.simulated are both set"),
    ([*NEEDED, "--set", "signIn.issuer=https://login.example"], "signIn.issuer and signIn.clientId belong together"),
    ([*NEEDED, "--set", "migration.job=false"], "migration.job is false: services would migrate by themselves, and need for it whom their tables belong to"),
    ([*NEEDED, "--set", "migration.job=false", "--set", OWNING.replace("order=", "order=order-owner-database-url")], "set migration.job=true, or databases.source=secret"),
    ([*TRIAL, "--set", "migration.job=false"], "migration.job is false"),
    (["--values", "examples/operators.yaml", "--set", "migration.job=false"], "migration.job is false"),
    ([*NEEDED, "--set", "stopping.delaySeconds=30"], "stopping.graceSeconds is 30: it must be at least 42"),
    ([*NEEDED, "--set", "gateway.middlewares=false"], "gateway.kind=ingress needs Traefik's Middlewares"),
    ([*NEEDED, "--set", "gateway.kind=gatewayApi,gateway.gatewayApi.create=false"], "name the Gateway that takes the routes"),
    ([*NEEDED, "--set", "order.autoscaling.enabled=true,order.autoscaling.minReplicas=9"], "order-service has minReplicas 9 above maxReplicas 5"),
    ([*TRIAL, "--set", "withoutDns.enabled=true"], "withoutDns.addresses has no "),
    ([*NEEDED, "--kube-version", "1.19.0"], "incompatible with Kubernetes"),
    # by the schema
    ([*NEEDED, "--set", "nonsense=1"], "additional properties 'nonsense' not allowed"),
    ([*NEEDED, "--set", "order.replica=3"], "additional properties 'replica' not allowed"),
    ([*NEEDED, "--set", "publicUrl=shop.example"], "'/publicUrl'"),
    ([*NEEDED, "--set", "environment=staging"], "'/environment'"),
    ([*NEEDED, "--set", "plaintextAllowed={AMQP_URL}"], "'/plaintextAllowed/0'"),
    ([*NEEDED, "--set", "flow=maybe"], "'/flow'"),
    ([*NEEDED, "--set", f"shopName={'x' * 61}"], "'/shopName'"),
    ([*NEEDED, "--set", "all.replicas=two"], "'/all/replicas'"),
    ([*NEEDED, "--set", "all.resources.requests.memory=lots"], "'/all/resources/requests/memory'"),
    ([*NEEDED, "--set", "notify.environment.SMTP_URL=smtps://a:b@mail.example"], "invalid propertyName 'SMTP_URL'"),
    ([*NEEDED, "--set", "order.environment.DATABASE_URL=postgres://a:b@c/d"], "invalid propertyName 'DATABASE_URL'"),
    ([*NEEDED, "--set", "order.environment.OWNER_DATABASE_URL=postgres://a:b@c/d"], "invalid propertyName 'OWNER_DATABASE_URL'"),
    ([*NEEDED, "--set", "all.environment.SECRETS_KEY=hunter2"], "invalid propertyName 'SECRETS_KEY'"),
    ([*NEEDED, "--set", "web.environment.WEB_COOKIE_KEY=hunter2"], "invalid propertyName 'WEB_COOKIE_KEY'"),
    ([*NEEDED, "--set", "user.environment.OIDC_CLIENT_SECRET=hunter2"], "invalid propertyName 'OIDC_CLIENT_SECRET'"),
    ([*NEEDED, "--set", "signIn.issuer=http://login.example,signIn.clientId=shop"], "'/signIn/issuer'"),
    ([*NEEDED, "--set", "keys.secret.sealing=hunter2"], "additional properties 'sealing' not allowed"),
    ([*NEEDED, "--set", "databases.source=mysql"], "'/databases/source'"),
    ([*NEEDED, "--set", "databases.poolSize=1"], "'/databases/poolSize'"),
    ([*NEEDED, "--set", "databases.secret.password=hunter2"], "additional properties 'password' not allowed"),
    ([*NEEDED, "--set", "databases.secret.keys.order="], "'/databases/secret/keys/order'"),
    ([*NEEDED, "--set", "broker.source=kafka"], "'/broker/source'"),
    ([*NEEDED, "--set", "broker.secret.key=amqp-url"], "additional properties 'key' not allowed"),
    ([*NEEDED, "--set", "broker.secret.operator="], "'/broker/secret/operator'"),
    ([*NEEDED, "--set", "gateway.kind=nginx"], "'/gateway/kind'"),
    ([*NEEDED, "--set", "gateway.pod.serviceType=ExternalName"], "'/gateway/pod/serviceType'"),
    ([*NEEDED, "--set-json", "networkPolicy.gatewayFrom=[]"], "'/networkPolicy/gatewayFrom'"),
    ([*NEEDED, "--set", "networkPolicy.databasePorts={0}"], "'/networkPolicy/databasePorts/0'"),
    ([*NEEDED, "--set", "tracing.sampler=all"], "'/tracing/sampler'"),
    ([*NEEDED, "--set-string", "tracing.samplerArg=10%"], "'/tracing/samplerArg'"),
    ([*NEEDED, "--set", "operator.replicas=2"], "'/operator/replicas'"),
    ([*NEEDED, "--set", "image.tag=two words"], "'/image/tag'"),
    ([*NEEDED, "--set", "trustedProxies={gateway}"], "'/trustedProxies/0'"),
]  # fmt: skip


def main(chart):
    wrong = 0
    for arguments, expected in REFUSED:
        fine, _, said = helm(chart, *arguments)
        if fine or expected not in said:
            what = "is taken" if fine else f"is refused with: {said.strip()}"
            print(f"chart: {' '.join(arguments)} {what}; expected a refusal that says {expected!r}", file=sys.stderr)
            wrong += 1
    if wrong:
        sys.exit(1)
    print(f"chart: {len(REFUSED)} wrong sets of values are refused, each with what is wrong")
