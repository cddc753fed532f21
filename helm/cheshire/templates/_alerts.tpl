{{/* Alerts. Each has a section of its name in docs/runbook.md. */}}

{{/* One alert. Argument: (list root name severity for expression summary). */}}
{{- define "cheshire.alert" -}}
- alert: {{ index . 1 }}
  expr: {{ index . 4 | quote }}
  for: {{ index . 3 }}
  labels:
    severity: {{ index . 2 }}
    cheshire_cluster: {{ include "cheshire.clusterLabel" (index . 0) }}
  annotations:
    summary: {{ index . 5 | quote }}
    runbook_url: {{ (index . 0).Values.monitoring.runbookUrl }}#{{ index . 1 | lower }}
{{- end -}}

{{/*
Burn rate of an objective over two windows: the long one says that it matters, the short one that it goes on.
Argument: (list root histogram objective rate long short).
*/}}
{{- define "cheshire.burn" -}}
{{- $of := printf "{cheshire_cluster=%q}" (include "cheshire.clusterLabel" (index . 0)) -}}
{{- $in := printf "{cheshire_cluster=%q,le=%q}" (include "cheshire.clusterLabel" (index . 0)) (index . 2).bucket -}}
{{- $histogram := index . 1 -}}
{{- $limit := mulf (index . 3) (subf 1 (index . 2).target) -}}
{{- $parts := list -}}
{{- range $window := list (index . 4) (index . 5) -}}
{{- $parts = append $parts (printf (print
    "1 - sum(rate(%s_bucket%s[%s])) / sum(rate(%s_count%s[%s])) > %s")
    $histogram $in $window $histogram $of $window (printf "%.4f" $limit)) -}}
{{- end -}}
{{- join " and " $parts -}}
{{- end -}}

{{- define "cheshire.alertGroups" -}}
{{- $v := .Values -}}
{{- $c := printf "cheshire_cluster=%q" (include "cheshire.clusterLabel" .) -}}
{{- $pods := printf "namespace=%q,pod=~\"%s-.*\"" .Release.Namespace (include "cheshire.fullname" .) -}}
- name: cheshire-units
  rules:
    {{- include "cheshire.alert" (list . "CheshireUnitWithoutNode" "page" "5s"
        (printf "max(cheshire_coordinator_units_without_node{%s}) > 0" $c)
        "{{ $value }} units are on no node: requests that need them wait") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireUnitUnanswered" "page" "15s"
        (printf "max(cheshire_exchange_units_unanswered{%s}) > 0" $c)
        "No node answers a router for {{ $value }} units") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireUnitsShort" "ticket" "2m"
        (printf "max(cheshire_coordinator_units_short{%s}) > 0" $c)
        "{{ $value }} units have too few copies") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireUnitsShortForLong" "page" "15m"
        (printf "max(cheshire_coordinator_units_short{%s}) > 0" $c)
        "{{ $value }} units have had too few copies for 15 minutes") | nindent 4 }}
    {{- if gt (int $v.cluster.copies) 1 }}
    {{- include "cheshire.alert" (list . "CheshireOneNodeFromOutage" "ticket" "5m"
        (printf "min(cheshire_units_holders_min{%s}) < 2" $c)
        "Some unit is on {{ $value }} node only: its loss is an outage") | nindent 4 }}
    {{- end }}
    {{- include "cheshire.alert" (list . "CheshireNotWhole" "ticket" "1m"
        (printf "max(cheshire_coordinator_round_age_seconds{%s}) > 120" $c)
        "The cluster has not been whole for {{ $value }} s") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireUnitDiffers" "ticket" "1m"
        (printf "max(cheshire_coordinator_units_differing{%s}) > 0" $c)
        "{{ $value }} copies of units have other bytes or other answers than the rest") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireReplicasDisagree" "page" "0s"
        (printf "max(cheshire_scrub_comparisons{%s,outcome=\"disagreed\"}) > 0" $c)
        "Copies of a unit computed different results {{ $value }} times") | nindent 4 }}
- name: cheshire-members
  rules:
    {{- include "cheshire.alert" (list . "CheshireNoCoordinator" "page" "30s"
        (printf "max(cheshire_coordinator_up{%s}) == 0" $c)
        "No coordinator answers: routers go on with the placement they have, and nothing is repaired") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireTargetDown" "ticket" "2m"
        (printf "up{%s} == 0" $c)
        "{{ $labels.pod }} can't be scraped") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireNodeSlow" "ticket" "5m"
        (printf (print
          "max by (node) (cheshire_exchange_node_slowness{%s}) > 2 or "
          "max by (node) (rate(cheshire_node_compute_seconds_total{%s}[5m]) / "
          "rate(cheshire_node_rows_total{%s}[5m])) > 2 * scalar(quantile(0.5, "
          "rate(cheshire_node_compute_seconds_total{%s}[5m]) / rate(cheshire_node_rows_total{%s}[5m])))")
          $c $c $c $c $c)
        "Node {{ $labels.node }} takes more than twice as long as the median node") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireHedgeStorm" "ticket" "2m"
        (printf (print
          "sum(rate(cheshire_exchange_count_total{%s,what=\"hedges\"}[2m])) / "
          "sum(rate(cheshire_exchange_count_total{%s,what=\"attempts\"}[2m])) > 0.05") $c $c)
        "{{ $value | humanizePercentage }} of all shards are computed twice") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireStrangersRefused" "ticket" "0s"
        (printf "sum(increase(cheshire_control_plane_refused_total{%s}[10m])) > 0" $c)
        "Peers without the cluster's secret tried to join {{ $value }} times in 10 minutes") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireRestartLoop" "ticket" "0s"
        (printf (print
          "sum by (pod) (increase(kube_pod_container_status_restarts_total{%s}[30m])) > 3 or "
          "max by (pod) (changes(process_start_time_seconds{%s}[30m])) > 3") $pods $c)
        "{{ $labels.pod }} was started again {{ $value }} times in 30 minutes") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireVersionSkew" "ticket" "1h"
        (printf "count(count by (version, commit) (cheshire_build_info{%s})) > 1" $c)
        "{{ $value }} builds have run side by side for an hour") | nindent 4 }}
- name: cheshire-service
  rules:
    {{- include "cheshire.alert" (list . "CheshireRouterNotReady" "page" "1m"
        (printf "max(cheshire_engine_ready{%s}) == 0 or absent(cheshire_engine_ready{%s})" $c $c)
        "No router is ready, or none is there: nobody answers the API") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireTtftBurn" "page" "1m"
        (include "cheshire.burn" (list . "cheshire_http_ttft_seconds" $v.monitoring.slo.ttft 14.4 "1h" "5m"))
        "First tokens are late: the error budget of a month is gone in two days") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireTtftBurnSlow" "ticket" "5m"
        (include "cheshire.burn" (list . "cheshire_http_ttft_seconds" $v.monitoring.slo.ttft 6.0 "6h" "30m"))
        "First tokens are late: the error budget of a month is gone in five days") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireItlBurn" "page" "1m"
        (include "cheshire.burn" (list . "cheshire_http_inter_token_seconds" $v.monitoring.slo.itl 14.4 "1h" "5m"))
        "Tokens are late: the error budget of a month is gone in two days") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireItlBurnSlow" "ticket" "5m"
        (include "cheshire.burn" (list . "cheshire_http_inter_token_seconds" $v.monitoring.slo.itl 6.0 "6h" "30m"))
        "Tokens are late: the error budget of a month is gone in five days") | nindent 4 }}
    {{- $full := "" }}
    {{- if gt (float64 $v.plan.saturationRate) 0.0 }}
    {{- $full = printf (print
        " and sum(rate(cheshire_http_ttft_seconds_count{%s}[5m])) > %.3f") $c (mulf 0.9 $v.plan.saturationRate) }}
    {{- end }}
    {{- include "cheshire.alert" (list . "CheshireSaturated" "ticket" "5m"
        (printf "sum(cheshire_engine_waiting{%s}) > 0%s" $c $full)
        "{{ $value }} requests have waited for 5 minutes") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireKvPressure" "ticket" "10m"
        (printf "sum by (pod) (rate(cheshire_engine_preemptions_total{%s}[5m])) > 0" $c)
        "{{ $labels.pod }} runs out of KV cache and computes sequences again") | nindent 4 }}
    {{- if gt (float64 $v.plan.itlP99Seconds) 0.0 }}
    {{- include "cheshire.alert" (list . "CheshirePlanDrift" "ticket" "30m"
        (printf (print
          "histogram_quantile(0.99, sum by (le) (rate(cheshire_http_inter_token_seconds_bucket{%s}[10m]))) "
          "> %.4f") $c (float64 $v.plan.itlP99Seconds))
        "p99 between tokens is {{ $value }} s, longer than planned") | nindent 4 }}
    {{- end }}
    {{- include "cheshire.alert" (list . "CheshirePlanAssumptionBroken" "ticket" "10m"
        (printf "min by (assumption) (cheshire_plan_assumption_holds{%s}) == 0" $c)
        "The capacity plan no longer holds: {{ $labels.assumption }}") | nindent 4 }}
    {{- include "cheshire.alert" (list . "CheshireLogDropped" "ticket" "0s"
        (printf "sum by (pod) (increase(cheshire_log_dropped_lines_total{%s}[15m])) > 0" $c)
        "{{ $labels.pod }} dropped {{ $value }} lines of its log") | nindent 4 }}
    {{- if $v.router.api.tlsSecret }}
    {{- include "cheshire.alert" (list . "CheshireCertificateSoon" "ticket" "1h"
        (printf "min(cheshire_http_certificate_remaining_seconds{%s}) < 14 * 86400" $c)
        "The API's certificate expires in {{ $value | humanizeDuration }}") | nindent 4 }}
    {{- end }}
    {{- if $v.ops.tlsSecret }}
    {{- include "cheshire.alert" (list . "CheshireOpsCertificateSoon" "ticket" "1h"
        (printf "min(cheshire_http_ops_certificate_remaining_seconds{%s}) < 14 * 86400" $c)
        "The operations listener's certificate expires in {{ $value | humanizeDuration }}") | nindent 4 }}
    {{- end }}
{{- end -}}
