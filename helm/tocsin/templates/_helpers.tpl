{{- define "tocsin.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "tocsin.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "tocsin.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "tocsin.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What never changes over the life of a release: selectors are made of it. */}}
{{- define "tocsin.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tocsin.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tocsin.labels" -}}
{{ include "tocsin.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "tocsin.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "tocsin.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "tocsin.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The configuration file: what the values say, and what only the chart can know. */}}
{{- define "tocsin.config" -}}
{{- $config := deepCopy .Values.config }}
{{- if hasKey $config "state_dir" }}{{ fail "config.state_dir is set by the chart: /var/lib/tocsin" }}{{ end }}
{{- if ne (toString (get $config "log")) "kafka" }}
{{- fail "config.log must be kafka: the embedded log is one process, and replicas share the work through a consumer group" }}
{{- end }}
{{- $kafka := default dict (get $config "kafka") }}
{{- if not (get $kafka "brokers") }}{{ fail "config.kafka.brokers must name the brokers: host:port, comma separated" }}{{ end }}
{{- if hasKey $kafka "instance" }}{{ fail "config.kafka.instance is set by the chart: the pod's name" }}{{ end }}
{{- $http := default dict (get $config "http") }}
{{- $_ := set $http "metrics_listen" (printf "0.0.0.0:%d" (int .Values.service.metricsPort)) }}
{{- if .Values.answers.enabled }}
{{- if not (get (default dict (get $config "answers")) "base_url") }}{{ fail "config.answers.base_url must say what the links of notices begin with, since answers.enabled" }}{{ end }}
{{- $_ := set $http "events_listen" (printf "0.0.0.0:%d" (int .Values.answers.port)) }}
{{- end }}
{{- $_ := set $config "http" $http }}
{{- $_ := set $config "state_dir" "/var/lib/tocsin" }}
{{- toYaml $config }}
{{- end }}

{{- define "tocsin.mounts" -}}
- {name: config, mountPath: /etc/tocsin/config, readOnly: true}
- {name: state, mountPath: /var/lib/tocsin}
- {name: tmp, mountPath: /tmp}
{{- range .Values.secrets }}
- {name: secret-{{ . }}, mountPath: /etc/tocsin/secrets/{{ . }}, readOnly: true}
{{- end }}
{{- if or .Values.geoip.volume .Values.geoip.updater.enabled }}
- {name: geoip, mountPath: /var/lib/geoip, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What both containers of the updater have. */}}
{{- define "tocsin.updater" -}}
{{- $updater := .root.Values.geoip.updater -}}
env:
  - {name: GEOIPUPDATE_ACCOUNT_ID_FILE, value: /etc/geoipupdate/account-id}
  - {name: GEOIPUPDATE_LICENSE_KEY_FILE, value: /etc/geoipupdate/license-key}
  - {name: GEOIPUPDATE_EDITION_IDS, value: {{ $updater.editions | quote }}}
  - {name: GEOIPUPDATE_FREQUENCY, value: {{ .frequency | quote }}}
  - {name: GEOIPUPDATE_DB_DIR, value: /var/lib/geoip}
securityContext: {{- toYaml .root.Values.securityContext | nindent 2 }}
resources: {{- toYaml $updater.resources | nindent 2 }}
volumeMounts:
  - {name: geoip, mountPath: /var/lib/geoip}
  - {name: geoip-account, mountPath: /etc/geoipupdate, readOnly: true}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{/* All volumes but that of the state. */}}
{{- define "tocsin.volumes" -}}
- name: config
  configMap: {name: {{ include "tocsin.fullname" . }}}
- name: tmp
  emptyDir: {}
{{- range .Values.secrets }}
- name: secret-{{ . }}
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- if .Values.geoip.volume }}
- name: geoip
  {{- toYaml .Values.geoip.volume | nindent 2 }}
{{- else if .Values.geoip.updater.enabled }}
- name: geoip
  emptyDir: {}
{{- end }}
{{- if .Values.geoip.updater.enabled }}
- name: geoip-account
  secret:
    secretName: {{ required "geoip.updater.existingSecret must name a secret with account-id and license-key" .Values.geoip.updater.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{/* Fetches the databases that are not there yet. */}}
{{- define "tocsin.firstDatabases" -}}
- name: geoip-first
  image: {{ .Values.geoip.updater.image }}
  command: [/bin/sh, -c]
  args:
    - for edition in $GEOIPUPDATE_EDITION_IDS; do [ -s "/var/lib/geoip/$edition.mmdb" ] || exec /usr/bin/entry.sh; done
  {{- include "tocsin.updater" (dict "root" . "frequency" 0) | nindent 2 }}
{{- end }}
