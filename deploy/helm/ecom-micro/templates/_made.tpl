{{/* Secrets that the release makes, for what it brings along: each once. What is in the cluster is kept. */}}

{{/* (root, secret, key, bytes: of what, in base64): what the Secret in the cluster has there; else something random. Asked again in
    the same rendering it must say the same, so the answer is noted down. */}}
{{- define "ecom.once" -}}
{{- $answers := .root.Values.madeInThisRendering | default dict -}}
{{- $question := printf "%s/%s" .secret .key -}}
{{- if not (hasKey $answers $question) }}
{{- $there := (lookup "v1" "Secret" .root.Release.Namespace .secret | default dict).data | default dict }}
{{- $answer := get $there .key | b64dec }}
{{- if not $answer }}{{ $answer = ternary (randBytes 32) (randAlphaNum 32) (hasKey . "bytes") }}{{ end }}
{{- $_ := set $answers $question $answer }}
{{- $_ := set .root.Values "madeInThisRendering" $answers }}
{{- end }}
{{- get $answers $question }}
{{- end }}

{{/* (root, name): what is in a Secret that the release makes; nothing, where it is not one of these. */}}
{{- define "ecom.madeSecret" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- if and (eq .name "trial") (or (eq $values.databases.source "trial") (eq $values.broker.source "trial")) }}
{{- include "ecom.trialSecret" $root }}
{{- else if and (eq .name "rabbitmq-users") (eq $values.broker.source "operator") }}
{{- include "ecom.brokerUsers" (dict "root" $root "secret" .name) }}
{{- else if eq $values.databases.source "cloudnativepg" }}
{{- $name := .name }}
{{- range include "ecom.databases" $root | fromYaml }}
{{- if eq $name (printf "%s-runtime" .cluster) }}
{{- $password := include "ecom.once" (dict "root" $root "secret" $name "key" "password") }}
username: {{ .runtime }}
password: {{ quote $password }}
uri: postgresql://{{ .runtime }}:{{ $password }}@{{ .cluster }}-rw:5432/{{ .database }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* (root, secret): the five users of the broker, by password and by URL. */}}
{{- define "ecom.brokerUsers" -}}
{{- $of := . }}
{{- range $key, $_ := include "ecom.databases" .root | fromYaml }}
{{- $password := include "ecom.once" (dict "root" $of.root "secret" $of.secret "key" (printf "%s-amqp-password" $key)) }}
{{ $key }}-amqp-password: {{ quote $password }}
{{ $key }}-amqp-url: amqp://{{ $key }}-service:{{ $password }}@rabbitmq:5672
{{- end }}
{{- end }}

{{/* Passwords of the pair for trying, and the two keys. `order-database-password` is the owner's, as it was when there was no other. */}}
{{- define "ecom.trialSecret" -}}
{{- range $key, $database := include "ecom.databases" . | fromYaml }}
{{- $owner := include "ecom.once" (dict "root" $ "secret" "trial" "key" (printf "%s-database-password" $key)) }}
{{- $runtime := include "ecom.once" (dict "root" $ "secret" "trial" "key" (printf "%s-runtime-password" $key)) }}
{{ $key }}-database-password: {{ quote $owner }}
{{ $key }}-runtime-password: {{ quote $runtime }}
{{ $key }}-owner-database-url: postgres://{{ $database.owner }}:{{ $owner }}@postgres:5432/{{ $database.database }}
{{ $key }}-database-url: postgres://{{ $database.runtime }}:{{ $runtime }}@postgres:5432/{{ $database.database }}
{{- end }}
{{- include "ecom.brokerUsers" (dict "root" . "secret" "trial") }}
{{- range list "postgres-password" "broker-password" }}
{{ . }}: {{ include "ecom.once" (dict "root" $ "secret" "trial" "key" .) | quote }}
{{- end }}
{{- range list "secrets-key" "web-cookie-key" }}
{{ . }}: {{ include "ecom.once" (dict "root" $ "secret" "trial" "key" . "bytes" true) | quote }}
{{- end }}
{{- end }}

{{/* (root, name, type, labels): the Secret itself, which stays with the data when the release is taken away. */}}
{{- define "ecom.kept" }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .name }}
  labels: {{- include "ecom.labels" . | nindent 4 }}
    {{- with .labels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations: {helm.sh/resource-policy: keep}
type: {{ .type | default "Opaque" }}
stringData: {{- include "ecom.madeSecret" . | fromYaml | toYaml | nindent 2 }}
{{- end }}
