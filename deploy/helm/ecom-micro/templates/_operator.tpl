{{/* The command line `ecom`: what it needs to reach all five databases. */}}

{{/* All five database URLs, as files. */}}
{{- define "ecom.allDatabases" -}}
{{- range $key, $database := include "ecom.databases" . | fromYaml }}
{{- $secret := include "ecom.databaseSecret" (dict "root" $ "key" $key) | fromYaml }}
- {name: {{ $secret.name }}, key: {{ $secret.key }}, file: {{ $key }}-database-url}
{{- end }}
{{- end }}

{{- define "ecom.allDatabaseVariables" -}}
{{- range $key, $database := include "ecom.databases" . | fromYaml }}
- {name: {{ upper $key }}_DATABASE_URL_FILE, value: /secrets/{{ $key }}-database-url}
{{- end }}
{{- end }}
