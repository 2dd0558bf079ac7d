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

{{/* Where passwords and addresses are tried, and where orders are placed: with limits of their own. */}}
{{- define "ecom.limited" -}}
sign-ins: {service: user-service, port: 8081, paths: [/api/auth/login, /api/auth/register, /api/auth/resend-verification, /api/auth/verify-email]}
orders: {service: order-service, port: 8083, paths: [/api/orders]}
{{- end }}

{{/* (root, names): Middlewares of this namespace, as an annotation wants them. */}}
{{- define "ecom.middlewares" -}}
{{- $names := list }}
{{- range .names }}{{ $names = append $names (printf "%s-%s@kubernetescrd" $.root.Release.Namespace .) }}{{ end }}
{{- join "," $names }}
{{- end }}
