{{/* What every pod of ours has in common. */}}

{{/* The pod may do nothing that `restricted` forbids, and less: it has no token for the API server and a root it cannot write. */}}
{{- define "ecom.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 10001 }}
  runAsGroup: {{ .user | default 10001 }}
  fsGroup: {{ .user | default 10001 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- include "ecom.hostAliases" .root }}
{{- end }}

{{- define "ecom.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "ecom.hostAliases" -}}
{{- $lines := .Values.hostAliases -}}
{{- if .Values.withoutDns.enabled }}
{{- range $name, $address := .Values.withoutDns.addresses }}
{{- $lines = append $lines (dict "ip" $address "hostnames" (list $name)) }}
{{- end }}
{{- end }}
{{- with $lines }}
hostAliases:
{{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of one program are spread over nodes and zones, as far as there are any. */}}
{{- define "ecom.spread" -}}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {app.kubernetes.io/name: {{ $.name }}, app.kubernetes.io/instance: {{ $.root.Release.Name }}}}
    {{- if semverCompare ">=1.27-0" $.root.Capabilities.KubeVersion.Version }}
    matchLabelKeys: [pod-template-hash] # else the pods of the version that goes count as well
    {{- end }}
{{- end }}
{{- end }}

{{/* What all programs are told; envFrom the ConfigMap of the same content. */}}
{{- define "ecom.settings" -}}
ECOM_ENV: {{ .Values.environment }}
PUBLIC_URL: {{ .Values.publicUrl | quote }}
PLAINTEXT_ALLOWED: {{ include "ecom.plaintextAllowed" . | quote }}
SHOP_NAME: {{ .Values.shopName | quote }}
FLOW: {{ .Values.flow | quote }}
RUST_LOG: {{ .Values.logLevel | quote }}
CORS_ORIGINS: {{ join "," .Values.corsOrigins | quote }}
TRUSTED_PROXIES: {{ join "," .Values.trustedProxies | quote }}
MIGRATIONS: {{ ternary "off" "on" .Values.migration.job | quote }}
SHUTDOWN_DELAY: {{ .Values.stopping.delaySeconds | quote }}
DATABASE_POOL: {{ .Values.databases.poolSize | quote }}
{{- range $key, $program := include "ecom.programs" . | fromYaml }}
{{- if ne $key "web" }}
{{ upper $key }}_SERVICE_URL: http://{{ $program.name }}:{{ $program.port }}
{{- end }}
{{- end }}
PROVIDER_URL: {{ ternary "http://provider-sim:8090" .Values.provider.url .Values.provider.simulated | quote }}
MAIL_FROM: {{ .Values.mail.from | quote }}
{{- if .Values.mail.catcher }}
SMTP_URL: smtp://mailpit:1025
{{- end }}
{{- with .Values.tracing }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .endpoint | quote }}
OTEL_TRACES_SAMPLER: {{ .sampler | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ .samplerArg | quote }}
{{- end }}
{{- end }}

{{/* What the chart itself does in the clear, inside the cluster, is allowed by name; so is what the values name. */}}
{{- define "ecom.plaintextAllowed" -}}
{{- $allowed := .Values.plaintextAllowed -}}
{{- if .Values.provider.simulated }}{{ $allowed = append $allowed "PROVIDER_URL" }}{{ end -}}
{{- if .Values.mail.catcher }}{{ $allowed = append $allowed "SMTP_URL" }}{{ end -}}
{{- join "," (uniq $allowed) }}
{{- end }}
