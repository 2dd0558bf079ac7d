{{/* The gateway's routes, as deploy/gateway/dynamic/routes.yml has them for Compose. deploy/checks/chart.sh holds the two against
    each other. */}}

{{/* What goes to which service, with /api taken off. */}}
{{- define "ecom.routes" -}}
user: [auth, users]
product: [products, categories]
order: [orders, carts]
payment: [payments, webhooks]
notify: [notifications]
{{- end }}

{{/* For operators and between services: as if it were not there. */}}
{{- define "ecom.closed" -}}
[/internal, /metrics, /livez, /readyz]
{{- end }}

{{/* What user-service takes from anybody, and where orders are placed: with limits of their own. */}}
{{- define "ecom.limited" -}}
sign-ins:
  service: user-service
  port: 8081
  kind: Prefix
  paths:
    - /api/auth/accept-invitation
    - /api/auth/confirm-email
    - /api/auth/erasure
    - /api/auth/forgot-password
    - /api/auth/guests
    - /api/auth/login
    - /api/auth/oauth/revoke
    - /api/auth/provider
    - /api/auth/refresh
    - /api/auth/register
    - /api/auth/resend-verification
    - /api/auth/reset-password
    - /api/auth/verify-email
orders: {service: order-service, port: 8083, kind: Exact, paths: [/api/orders, /api/orders/withdrawals]}
{{- end }}

{{/* A cart's checkout is neither a whole path nor a prefix. An Ingress of Traefik takes an expression, which has to begin with a
    slash. By the Gateway API an expression stands behind every prefix: there all that is posted about carts counts as orders. */}}
{{- define "ecom.checkout" -}}
{service: order-service, port: 8083, expression: "/?^/api/carts/[^/]+/checkout$", prefix: /api/carts}
{{- end }}

{{/* (root, names): Middlewares of this namespace, as an annotation wants them. */}}
{{- define "ecom.middlewares" -}}
{{- $names := list }}
{{- range .names }}{{ $names = append $names (printf "%s-%s@kubernetescrd" $.root.Release.Namespace .) }}{{ end }}
{{- join "," $names }}
{{- end }}
