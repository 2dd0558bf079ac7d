{{/* What the templates share: names, labels, images, and which program is which. */}}

{{/* The six programs, as YAML: the key in the values, with name, port, part (what kind of thing it is to Prometheus), and whom it calls. */}}
{{- define "ecom.programs" -}}
user: {name: user-service, port: 8081, part: service, calls: [user, notify]}
product: {name: product-service, port: 8082, part: service, calls: [user, order]}
order: {name: order-service, port: 8083, part: service, calls: [user, product, notify]}
payment: {name: payment-service, port: 8084, part: service, calls: [user]}
notify: {name: notify-service, port: 8085, part: service, calls: [user, order]}
web: {name: web, port: 8086, part: pages, calls: [user, product, order, payment, notify]}
{{- end }}

{{/* Each service's database: the name of its cluster, of the database, of whom its tables belong to and of who works with them; those
    of Compose. */}}
{{- define "ecom.databases" -}}
user: {cluster: user-db, database: user_db, owner: user_service, runtime: user_runtime}
product: {cluster: product-db, database: product_db, owner: product_service, runtime: product_runtime}
order: {cluster: order-db, database: order_db, owner: order_service, runtime: order_runtime}
payment: {cluster: payment-db, database: payment_db, owner: payment_service, runtime: payment_runtime}
notify: {cluster: notification-db, database: notification_db, owner: notify_service, runtime: notify_runtime}
{{- end }}

{{/* (root, name): what a selector asks for. */}}
{{- define "ecom.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* (root, name): a pod's labels. What changes with the chart's version alone is not among them, so that it starts nothing anew. */}}
{{- define "ecom.podLabels" -}}
{{ include "ecom.selector" . }}
app.kubernetes.io/part-of: ecom-micro
app.kubernetes.io/version: {{ include "ecom.tag" .root | quote }}
{{- end }}

{{/* (root, name): an object's labels. */}}
{{- define "ecom.labels" -}}
{{ include "ecom.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "ecom.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* (root, name): an image of ours. */}}
{{- define "ecom.image" -}}
{{- with .root.Values.image }}{{ with .registry }}{{ . }}/{{ end }}{{ .repository }}{{ end }}/{{ .name }}:{{ include "ecom.tag" .root }}
{{- end }}

{{/* (root, name): the ClusterIP that somebody fixed for a Service, as its line. */}}
{{- define "ecom.clusterIP" -}}
{{- if .root.Values.withoutDns.enabled -}}
clusterIP: {{ required (printf "withoutDns.addresses has no %s: name a free ClusterIP for each Service" .name) (index .root.Values.withoutDns.addresses .name) }}
{{- end }}
{{- end }}

{{/* Host names of the shop, one a line. */}}
{{- define "ecom.hosts" -}}
{{- $hosts := .Values.gateway.hosts -}}
{{- if and (not $hosts) .Values.publicUrl }}{{ $hosts = list (get (urlParse .Values.publicUrl) "hostname") }}{{ end -}}
{{- toYaml $hosts }}
{{- end }}
