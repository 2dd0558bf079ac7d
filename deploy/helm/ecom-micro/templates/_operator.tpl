{{/* The command line `ecom`: what it needs to reach all five databases, and the broker. */}}

{{/* All five URLs by which services work with their databases, as files. */}}
{{- define "ecom.allDatabases" -}}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
{{- $secret := include "ecom.databaseSecret" (dict "root" $ "key" $key) | fromYaml }}
- {name: {{ $secret.name }}, key: {{ $secret.key }}, file: {{ $key }}-database-url}
{{- end }}
{{- end }}

{{- define "ecom.allDatabaseVariables" -}}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
- {name: {{ upper $key }}_DATABASE_URL_FILE, value: /secrets/{{ $key }}-database-url}
{{- end }}
{{- end }}

{{/* Those of their owners, for the migration alone. */}}
{{- define "ecom.allOwners" -}}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
{{- with include "ecom.ownerSecret" (dict "root" $ "key" $key) | fromYaml }}
- {name: {{ .name }}, key: {{ .key }}, file: {{ $key }}-owner-database-url}
{{- end }}
{{- end }}
{{- end }}

{{- define "ecom.allOwnerVariables" -}}
{{- range include "ecom.allOwners" . | fromYamlArray }}
- {name: {{ .file | upper | replace "-" "_" }}_FILE, value: /secrets/{{ .file }}}
{{- end }}
{{- end }}

{{/* The five by which services come to the broker. */}}
{{- define "ecom.allBrokerUsers" -}}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
{{- $secret := include "ecom.brokerSecret" (dict "root" $ "key" $key) | fromYaml }}
- {name: {{ $secret.name }}, key: {{ $secret.key }}, file: {{ $key }}-amqp-url}
{{- end }}
{{- end }}

{{- define "ecom.allBrokerUserVariables" -}}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
- {name: {{ upper $key }}_AMQP_URL_FILE, value: /secrets/{{ $key }}-amqp-url}
{{- end }}
{{- end }}

{{/* (root, stem: AMQP or RABBITMQ_MANAGEMENT): the Secret and the key with the administrator's URL at the broker, or its password, and
    the file it becomes. */}}
{{- define "ecom.administratorSecret" -}}
{{- $broker := .root.Values.broker -}}
{{- $file := .stem | lower | replace "_" "-" -}}
{{- if eq $broker.source "operator" -}}
{name: rabbitmq-default-user, key: password, file: {{ $file }}-password}
{{- else if eq $broker.source "trial" -}}
{name: trial, key: broker-password, file: {{ $file }}-password}
{{- else -}}
{name: {{ $broker.secret.name }}, key: {{ ternary $broker.secret.operator $broker.secret.management (eq .stem "AMQP") }}, file: {{ $file }}-url}
{{- end }}
{{- end }}

{{/* (root, stem): variables that lead there as the administrator. */}}
{{- define "ecom.administratorVariables" -}}
{{- $source := .root.Values.broker.source -}}
{{- $file := (include "ecom.administratorSecret" . | fromYaml).file -}}
{{- $address := ternary "amqp://%s@rabbitmq:5672" "http://%s@rabbitmq:15672" (eq .stem "AMQP") -}}
{{- if eq $source "operator" }}
- name: RABBITMQ_ADMINISTRATOR
  valueFrom: {secretKeyRef: {name: rabbitmq-default-user, key: username}}
- {name: {{ .stem }}_URL, value: {{ printf $address "$(RABBITMQ_ADMINISTRATOR)" | quote }}}
{{- else if eq $source "trial" }}
- {name: {{ .stem }}_URL, value: {{ printf $address "ecom" | quote }}}
{{- end }}
- {name: {{ $file | upper | replace "-" "_" }}_FILE, value: /secrets/{{ $file }}}
{{- end }}
