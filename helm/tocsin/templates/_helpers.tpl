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

{{- define "tocsin.ownLabels" -}}
{{ include "tocsin.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "tocsin.labels" -}}
{{ include "tocsin.ownLabels" . }}
{{- range $name, $_ := .Values.commonLabels }}
{{- if hasKey (fromYaml (include "tocsin.ownLabels" $)) $name }}{{ fail (printf "commonLabels: %s is set by the chart; take it out" $name) }}{{ end }}
{{- end }}
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
{{- range $property, $value := default dict (get $kafka "properties") }}
{{- if and (regexMatch "password|secret|jaas|ssl[.]key[.]pem" $property) (not (hasKey (ternary $value dict (kindIs "map" $value)) "file")) }}
{{- fail (printf "config.kafka.properties: %s would stand in a ConfigMap, for everybody to read. Put it into a secret, name the secret in secrets, and say %s: {file: /etc/tocsin/secrets/SECRET/KEY}; or config.kafka.security, which has keys for most of them" $property $property) }}
{{- end }}
{{- end }}
{{- if hasKey $kafka "instance" }}{{ fail "config.kafka.instance is set by the chart: the pod's name" }}{{ end }}
{{- $grace := int .Values.terminationGracePeriodSeconds }}
{{- $drain := int (include "tocsin.seconds" (default "20s" (get (default dict (get $config "engine")) "drain_timeout"))) }}
{{- if ge $drain $grace }}
{{- fail (printf "terminationGracePeriodSeconds (%d) must be more than config.engine.drain_timeout (%d s): pods would be killed while they drain" $grace $drain) }}
{{- end }}
{{- $http := default dict (get $config "http") }}
{{- if hasKey $http "metrics_listen" }}{{ fail "config.http.metrics_listen is set by the chart: its port is service.metricsPort" }}{{ end }}
{{- if and .Values.answers.enabled (hasKey $http "events_listen") }}{{ fail "config.http.events_listen is set by the chart with answers.enabled: its port is answers.port" }}{{ end }}
{{- $_ := set $http "metrics_listen" (printf "0.0.0.0:%d" (int .Values.service.metricsPort)) }}
{{- if .Values.answers.enabled }}
{{- if not (get (default dict (get $config "answers")) "base_url") }}{{ fail "config.answers.base_url must say what the links of notices begin with, since answers.enabled" }}{{ end }}
{{- $_ := set $http "events_listen" (printf "0.0.0.0:%d" (int .Values.answers.port)) }}
{{- end }}
{{- include "tocsin.checkSecrets" . }}
{{- $_ := set $config "http" $http }}
{{- $_ := set $config "state_dir" "/var/lib/tocsin" }}
{{- toYaml $config }}
{{- end }}

{{/* Refuses a secret that the configuration reads and nothing mounts: its pods would never start. */}}
{{- define "tocsin.checkSecrets" -}}
{{- $mounted := list }}
{{- range .Values.secrets }}{{ $mounted = append $mounted (printf "/etc/tocsin/secrets/%s" .) }}{{ end }}
{{- range .Values.extraVolumeMounts }}{{ $mounted = append $mounted (trimSuffix "/" .mountPath) }}{{ end }}
{{- range $file := regexFindAll "\"/etc/tocsin/secrets/[^\"]*" (toJson .Values.config) -1 }}
{{- $file = trimPrefix "\"" $file }}
{{- $there := false }}
{{- range $mounted }}{{ if hasPrefix (printf "%s/" .) $file }}{{ $there = true }}{{ end }}{{ end }}
{{- if not $there }}
{{- $name := regexFind "^[^/]*" (trimPrefix "/etc/tocsin/secrets/" $file) }}
{{- fail (printf "config reads %s, and secrets does not name %s: add it to the list (a list replaces the one of another file)" $file $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Seconds of a duration: 90s, 5m, 1h, 1d, 500ms. */}}
{{- define "tocsin.seconds" -}}
{{- $units := dict "s" 1 "m" 60 "h" 3600 "d" 86400 }}
{{- if hasSuffix "ms" . }}{{ div (int (trimSuffix "ms" .)) 1000 }}
{{- else }}{{ mul (int (regexFind "^[0-9]+" .)) (get $units (regexFind "[smhd]$" .)) }}{{ end }}
{{- end }}

{{/* Refuses a monitor that would never get an answer, and two of them. */}}
{{- define "tocsin.checkMonitors" -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled }}
{{- fail "metrics.serviceMonitor and metrics.podMonitor: one of them, or every process is scraped twice" }}
{{- end }}
{{- range $kind := list "serviceMonitor" "podMonitor" }}
{{- $monitor := get $.Values.metrics $kind }}
{{- if gt (int (include "tocsin.milliseconds" $monitor.scrapeTimeout)) (int (include "tocsin.milliseconds" $monitor.interval)) }}
{{- fail (printf "metrics.%s.scrapeTimeout (%s) must not be longer than its interval (%s): Prometheus refuses it" $kind $monitor.scrapeTimeout $monitor.interval) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tocsin.milliseconds" -}}
{{- if hasSuffix "ms" . }}{{ trimSuffix "ms" . }}{{ else }}{{ mul 1000 (int (include "tocsin.seconds" .)) }}{{ end }}
{{- end }}

{{/* Ports of the brokers, separated by spaces: those that are named, and further ones. */}}
{{- define "tocsin.kafkaPorts" -}}
{{- $ports := list }}
{{- range splitList "," .Values.config.kafka.brokers }}
{{- $ports = append $ports (int (default "9092" (trimPrefix ":" (regexFind ":[0-9]+$" (trim .))))) }}
{{- end }}
{{- range .Values.networkPolicy.kafkaPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- $ports | uniq | join " " }}
{{- end }}

{{/* Ports of what else the configuration names outside, separated by spaces. */}}
{{- define "tocsin.servicePorts" -}}
{{- $delivery := default dict .Values.config.delivery }}
{{- $urls := list (get (default dict (get $delivery "mail")) "url") (get (default dict (get $delivery "tickets")) "url") }}
{{- range (default list (get $delivery "webhooks")) }}{{ $urls = append $urls (get . "url") }}{{ end }}
{{- $urls = append $urls (get (default dict (get .Values.config.kafka "security")) "token_url") }}
{{- $ports := list }}
{{- $usual := dict "smtp" 25 "smtps" 465 "http" 80 "https" 443 }}
{{- range compact $urls }}
{{- $url := urlParse . }}
{{- $named := trimPrefix ":" (regexFind ":[0-9]+$" $url.host) }}
{{- $port := int (default (toString (get $usual $url.scheme)) $named) }}
{{- if lt $port 1 }}{{ fail (printf "networkPolicy: the port of %s is not known; name it in the address" .) }}{{ end }}
{{- $ports = append $ports $port }}
{{- end }}
{{- $ports | uniq | join " " }}
{{- end }}

{{/* What narrows a series to this release. */}}
{{- define "tocsin.series" -}}
{{- $name := include "tocsin.fullname" . }}
{{- if .Values.metrics.prometheusRule.selector }}{{ .Values.metrics.prometheusRule.selector }}
{{- else if .Values.metrics.serviceMonitor.enabled }}{{ printf "namespace=%q,job=%q" .Release.Namespace $name }}
{{- else if .Values.metrics.podMonitor.enabled }}{{ printf "namespace=%q,job=%q" .Release.Namespace (printf "%s/%s" .Release.Namespace $name) }}
{{- else }}{{ fail "metrics.prometheusRule: enable serviceMonitor or podMonitor, or say in selector which series are this release's" }}
{{- end }}
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

{{/* Fetches the databases when one is not there, or was cut short: what a MaxMind database says of itself stands at its end. */}}
{{- define "tocsin.firstDatabases" -}}
- name: geoip-first
  image: {{ .Values.geoip.updater.image }}
  command: [/bin/sh, -c]
  args:
    - for edition in $GEOIPUPDATE_EDITION_IDS; do tail -c 131072 "/var/lib/geoip/$edition.mmdb" 2>/dev/null | tr -dc A-Za-z. | grep -q MaxMind.com || exec /usr/bin/entry.sh; done
  {{- include "tocsin.updater" (dict "root" . "frequency" 0) | nindent 2 }}
{{- end }}
