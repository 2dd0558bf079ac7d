{{/* Where the secrets are. They reach a program as files (`NAME_FILE`), only those it needs. */}}

{{/* (root, key): the Secret and the key that hold the URL by which a service works with its database. */}}
{{- define "ecom.databaseSecret" -}}
{{- $databases := .root.Values.databases -}}
{{- if eq $databases.source "cloudnativepg" -}}
{name: {{ (index (include "ecom.databases" .root | fromYaml) .key).cluster }}-runtime, key: uri}
{{- else if eq $databases.source "trial" -}}
{name: trial, key: {{ .key }}-database-url}
{{- else -}}
{name: {{ index $databases.secret.names .key | default $databases.secret.name }}, key: {{ index $databases.secret.keys .key }}}
{{- end }}
{{- end }}

{{/* (root, key): the same by whom its tables belong to, which only the migration is told; empty where that is the service's user. */}}
{{- define "ecom.ownerSecret" -}}
{{- $databases := .root.Values.databases -}}
{{- if eq $databases.source "cloudnativepg" -}}
{name: {{ (index (include "ecom.databases" .root | fromYaml) .key).cluster }}-app, key: uri}
{{- else if eq $databases.source "trial" -}}
{name: trial, key: {{ .key }}-owner-database-url}
{{- else if index $databases.secret.owners .key -}}
{name: {{ index $databases.secret.names .key | default $databases.secret.name }}, key: {{ index $databases.secret.owners .key }}}
{{- end }}
{{- end }}

{{/* (root, key): the Secret and the key that hold the URL by which a service comes to the broker, and the file it becomes. */}}
{{- define "ecom.brokerSecret" -}}
{{- $broker := .root.Values.broker -}}
{{- if eq $broker.source "operator" -}}
{name: rabbitmq-users, key: {{ .key }}-amqp-url, file: amqp-url}
{{- else if eq $broker.source "trial" -}}
{name: trial, key: {{ .key }}-amqp-url, file: amqp-url}
{{- else -}}
{name: {{ $broker.secret.name }}, key: {{ index $broker.secret.keys .key }}, file: amqp-url}
{{- end }}
{{- end }}

{{/* (root, key: sealing or cookies): the Secret and the key that hold one of the two keys, and the file it becomes. The first
    belongs to the databases: where these come for trying, it does, and the other with it. */}}
{{- define "ecom.keySecret" -}}
{{- $file := ternary "secrets-key" "web-cookie-key" (eq .key "sealing") -}}
{{- if eq .root.Values.databases.source "trial" -}}
{name: trial, key: {{ $file }}, file: {{ $file }}}
{{- else -}}
{name: {{ .root.Values.keys.secret.name }}, key: {{ index .root.Values.keys.secret.keys .key }}, file: {{ $file }}}
{{- end }}
{{- end }}

{{/* (root, files: list of {name, key, file}): the volume with those secrets. */}}
{{- define "ecom.secretVolume" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
    {{- range .files }}
      - secret: {name: {{ .name }}, items: [{key: {{ .key }}, path: {{ .file }}}]}
    {{- end }}
{{- end }}

{{/* (root, files): changes when one of the secrets does, so that the next upgrade starts the pods anew. Without a cluster to ask
    (`helm template`) it cannot know. What this release makes counts as it is made. */}}
{{- define "ecom.secretsChecksum" -}}
{{- $root := .root -}}
{{- $seen := list -}}
{{- range .files }}
{{- $made := include "ecom.madeSecret" (dict "root" $root "name" .name) | fromYaml }}
{{- if $made }}
{{- $seen = append $seen (get $made .key | sha256sum) }}
{{- else }}
{{- $found := lookup "v1" "Secret" $root.Release.Namespace .name | default dict }}
{{- $seen = append $seen (get (get $found "data" | default dict) .key | sha256sum) }}
{{- end }}
{{- end }}
{{- join " " $seen | sha256sum }}
{{- end }}
