{{/* Names and labels. */}}

{{- define "cheshire.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Room is left for "-coordinator-NN" and the suffixes that Kubernetes adds. */}}
{{- define "cheshire.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := include "cheshire.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name of a role's objects. Argument: (list root role). */}}
{{- define "cheshire.roleName" -}}
{{- $short := dict "coordinator" "coordinator" "expert-node" "node" "router" "router" -}}
{{- printf "%s-%s" (include "cheshire.fullname" (index . 0)) (get $short (index . 1)) -}}
{{- end -}}

{{/* What selects pods: never changes in the life of a release. Argument: (list root component). */}}
{{- define "cheshire.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "cheshire.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels of an object. Argument: (list root component). */}}
{{- define "cheshire.labels" -}}
{{- $root := index . 0 -}}
{{ include "cheshire.selector" . }}
app.kubernetes.io/part-of: cheshire
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "cheshire.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "cheshire.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Value of the label cheshire_cluster that every scraped figure has. */}}
{{- define "cheshire.clusterLabel" -}}
{{- printf "%s/%s" .Release.Namespace (include "cheshire.fullname" .) -}}
{{- end -}}

{{- define "cheshire.image" -}}
{{- $registry := default (dig "imageRegistry" "" .Values.global) .Values.image.registry -}}
{{- $name := ternary (printf "%s/%s" $registry .Values.image.repository) .Values.image.repository (ne $registry "") -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Domain of a role's pods, behind "POD.". Argument: (list root role). */}}
{{- define "cheshire.podDomain" -}}
{{- $root := index . 0 -}}
{{- printf "%s.%s.svc.%s" (include "cheshire.roleName" .) $root.Release.Namespace $root.Values.clusterDomain -}}
{{- end -}}

{{/* The StatefulSets of expert nodes as YAML: sets: [{name, rack, replicas, firstId}]. */}}
{{- define "cheshire.nodeSets" -}}
{{- $name := include "cheshire.roleName" (list . "expert-node") -}}
sets:
{{- if .Values.expertNode.racks }}
{{- range .Values.expertNode.racks }}
  - name: {{ printf "%s-%s" $name .name | quote }}
    rack: {{ default .name .label | quote }}
    replicas: {{ int .replicas }}
    firstId: {{ int .firstId }}
{{- end }}
{{- else }}
  - {name: {{ $name | quote }}, rack: "", replicas: {{ int .Values.expertNode.replicas }}, firstId: 0}
{{- end }}
{{- end -}}

{{/* Members to join first, the same for all: coordinators, and some who are there when those start again. */}}
{{- define "cheshire.seeds" -}}
{{- $port := int .Values.cluster.controlPort -}}
{{- $seeds := list -}}
{{- range $i := until (int .Values.coordinator.replicas) -}}
{{- $seeds = append $seeds (printf "%s-%d.%s:%d"
    (include "cheshire.roleName" (list $ "coordinator")) $i
    (include "cheshire.podDomain" (list $ "coordinator")) $port) -}}
{{- end -}}
{{- range $set := (include "cheshire.nodeSets" . | fromYaml).sets -}}
{{- range $i := until (min (int $.Values.cluster.seeds.nodes) (int $set.replicas) | int) -}}
{{- $seeds = append $seeds (printf "%s-%d.%s:%d"
    $set.name (add $i $set.firstId) (include "cheshire.podDomain" (list $ "expert-node")) $port) -}}
{{- end -}}
{{- end -}}
{{- range $i := until (min (int .Values.cluster.seeds.routers) (int (include "cheshire.leastRouters" .)) | int) -}}
{{- $seeds = append $seeds (printf "%s-%d.%s:%d"
    (include "cheshire.roleName" (list $ "router")) $i (include "cheshire.podDomain" (list $ "router")) $port) -}}
{{- end -}}
{{- toJson $seeds -}}
{{- end -}}

{{- define "cheshire.leastRouters" -}}
{{- $r := .Values.router -}}
{{- ternary $r.autoscaling.min $r.replicas $r.autoscaling.enabled | int -}}
{{- end -}}

{{- define "cheshire.mostRouters" -}}
{{- $r := .Values.router -}}
{{- ternary $r.autoscaling.max $r.replicas $r.autoscaling.enabled | int -}}
{{- end -}}
