{{/* Where the secrets are. They reach a program as files (`NAME_FILE`), only those it needs. */}}

{{/* (root, key): the Secret and the key that hold the URL of a service's database. */}}
{{- define "ecom.databaseSecret" -}}
{{- $databases := .root.Values.databases -}}
{{- if eq $databases.source "cloudnativepg" -}}
name: {{ (index (include "ecom.databases" .root | fromYaml) .key).cluster }}-app
key: uri
{{- else if eq $databases.source "trial" -}}
name: trial
key: {{ .key }}-database-url
{{- else -}}
name: {{ index $databases.secret.names .key | default $databases.secret.name }}
key: {{ index $databases.secret.keys .key }}
{{- end }}
{{- end }}

{{/* The Secret and the key that hold the broker's URL, or its password. */}}
{{- define "ecom.brokerSecret" -}}
{{- $broker := .Values.broker -}}
{{- if eq $broker.source "operator" -}}
{name: rabbitmq-default-user, key: password, file: amqp-password}
{{- else if eq $broker.source "trial" -}}
{name: trial, key: broker-password, file: amqp-password}
{{- else -}}
{name: {{ $broker.secret.name }}, key: {{ $broker.secret.key }}, file: amqp-url}
{{- end }}
{{- end }}

{{/* Variables that lead to the broker. */}}
{{- define "ecom.brokerVariables" -}}
{{- if eq .Values.broker.source "secret" -}}
- {name: AMQP_URL_FILE, value: /secrets/amqp-url}
{{- else }}
{{- if eq .Values.broker.source "operator" }}
- name: AMQP_USER
  valueFrom: {secretKeyRef: {name: rabbitmq-default-user, key: username}}
- {name: AMQP_URL, value: "amqp://$(AMQP_USER)@rabbitmq:5672"}
{{- else }}
- {name: AMQP_URL, value: "amqp://ecom@rabbitmq:5672"}
{{- end }}
- {name: AMQP_PASSWORD_FILE, value: /secrets/amqp-password}
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

{{/* (root, files): changes when one of the Secrets does, so that the next upgrade starts the pods anew. Without a cluster to ask
    (`helm template`) it cannot know. What this release makes counts as it is made. */}}
{{- define "ecom.secretsChecksum" -}}
{{- $root := .root -}}
{{- $seen := list -}}
{{- range .files }}
{{- if eq .name "trial" }}
{{- $seen = append $seen (include "ecom.trialSecret" $root | sha256sum) }}
{{- else }}
{{- $found := lookup "v1" "Secret" $root.Release.Namespace .name | default dict }}
{{- $seen = append $seen (get (get $found "data" | default dict) .key | sha256sum) }}
{{- end }}
{{- end }}
{{- join " " $seen | sha256sum }}
{{- end }}

{{/* Passwords of the pair for trying, made once: the Secret that is there is kept. Asked again in the same rendering it must
    say the same, so the answer is noted down. */}}
{{- define "ecom.trialSecret" -}}
{{- if not (hasKey .Values "trialSecretOfThisRendering") }}
{{- $there := (lookup "v1" "Secret" .Release.Namespace "trial" | default dict).data | default dict }}
{{- $made := dict }}
{{- range $key, $database := include "ecom.databases" . | fromYaml }}
{{- $name := printf "%s-database-password" $key }}
{{- $password := (get $there $name | b64dec) | default (randAlphaNum 32) }}
{{- $_ := set $made $name $password }}
{{- $_ := set $made (printf "%s-database-url" $key) (printf "postgres://%s:%s@postgres:5432/%s" $database.owner $password $database.database) }}
{{- end }}
{{- range list "postgres-password" "broker-password" }}
{{- $_ := set $made . ((get $there . | b64dec) | default (randAlphaNum 32)) }}
{{- end }}
{{- $_ := set .Values "trialSecretOfThisRendering" (toYaml $made) }}
{{- end }}
{{- .Values.trialSecretOfThisRendering }}
{{- end }}
