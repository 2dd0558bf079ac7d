{{/* What cannot go well is refused before anything is sent to the cluster, with what to do. The form of values is looked at by
    values.schema.json. */}}
{{- define "ecom.refuse" -}}
{{- $values := .Values -}}
{{- $production := eq $values.environment "production" -}}
{{- $allowed := splitList "," (include "ecom.plaintextAllowed" .) -}}
{{- if not $values.publicUrl }}
{{- fail "publicUrl is not set: name https:// and where people reach the shop, as links in mails begin with it" }}
{{- end }}
{{- if and $production (not (hasPrefix "https://" $values.publicUrl)) (not (has "PUBLIC_URL" $allowed)) }}
{{- fail (printf "publicUrl is %s, which others can read: name an https:// address, or PUBLIC_URL in plaintextAllowed" $values.publicUrl) }}
{{- end }}
{{- if and (not $values.provider.url) (not $values.provider.simulated) }}
{{- fail "provider.url is not set: name https:// and the payment provider, or set provider.simulated=true for trying" }}
{{- end }}
{{- if and $values.provider.url $values.provider.simulated }}
{{- fail "provider.url and provider.simulated are both set: which provider is meant?" }}
{{- end }}
{{- if and $production $values.provider.url (not (hasPrefix "https://" $values.provider.url)) (not (has "PROVIDER_URL" $allowed)) }}
{{- fail (printf "provider.url is %s, which others can read: name an https:// address, or PROVIDER_URL in plaintextAllowed" $values.provider.url) }}
{{- end }}
{{- if ne (empty $values.signIn.issuer) (empty $values.signIn.clientId) }}
{{- fail "signIn.issuer and signIn.clientId belong together: name both, or neither if nobody logs in with a provider" }}
{{- end }}
{{- if not $values.migration.job }}
{{- range $key, $_ := include "ecom.databases" . | fromYaml }}
{{- if include "ecom.ownerSecret" (dict "root" $ "key" $key) }}
{{- fail "migration.job is false: services would migrate by themselves, and need for it whom their tables belong to, which only the Job is told: set migration.job=true, or databases.source=secret and each of databases.secret.owners to \"\", where a service's user owns its tables" }}
{{- end }}
{{- end }}
{{- end }}
{{- if lt (int $values.stopping.graceSeconds) (add (int $values.stopping.delaySeconds) 12) }}
{{- fail (printf "stopping.graceSeconds is %d: it must be at least %d, for delaySeconds and the ten seconds our programs need to end" (int $values.stopping.graceSeconds) (add (int $values.stopping.delaySeconds) 12)) }}
{{- end }}
{{- if and (eq $values.gateway.kind "ingress") (not $values.gateway.middlewares) (not $values.gateway.annotations) }}
{{- fail "gateway.kind=ingress needs Traefik's Middlewares, which take /api off: set gateway.middlewares=true, or gateway.annotations that make your controller do so, or gateway.kind=gatewayApi" }}
{{- end }}
{{- if and (eq $values.gateway.kind "gatewayApi") (not $values.gateway.gatewayApi.create) (not $values.gateway.gatewayApi.parentRefs) }}
{{- fail "gateway.gatewayApi.create is false and parentRefs is empty: name the Gateway that takes the routes" }}
{{- end }}
{{- range $key, $program := include "ecom.programs" . | fromYaml }}
{{- $scaling := (include "ecom.program" (dict "root" $ "key" $key) | fromYaml).autoscaling }}
{{- if and $scaling.enabled (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) }}
{{- fail (printf "autoscaling of %s has minReplicas %d above maxReplicas %d" $program.name (int $scaling.minReplicas) (int $scaling.maxReplicas)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* (root, key): what holds for one program: `all`, and over it what differs. */}}
{{- define "ecom.program" -}}
{{- mergeOverwrite (deepCopy .root.Values.all) (deepCopy (index .root.Values .key)) | toYaml }}
{{- end }}
