{{/* HOCON of the roles. ${POD_IP} and ${POD_NAME} come from the pod's environment, numbers by CONFIG_FORCE_. */}}

{{- define "cheshire.anyAddress" -}}
{{- ternary "::" "0.0.0.0" (eq .Values.cluster.ipFamily "IPv6") -}}
{{- end -}}

{{- define "cheshire.modelMount" -}}/models{{- end -}}

{{- define "cheshire.modelDirectory" -}}
{{- include "cheshire.modelMount" . -}}
{{- if eq .Values.model.source "job" -}}/model-{{ include "cheshire.modelJobHash" . }}{{- end -}}
{{- with .Values.model.path -}}/{{ . }}{{- end -}}
{{- end -}}

{{/* What all roles have in common. Argument: (list root role). */}}
{{- define "cheshire.commonConf" -}}
{{- $root := index . 0 -}}
{{- $v := $root.Values -}}
cheshire {
  nodes = {{ int $v.cluster.nodes }}
{{- if ne $v.model.source "bundled" }}
  model.directory = {{ include "cheshire.modelDirectory" $root | quote }}
{{- end }}
{{- with default (ternary (base $v.model.job.repo) "" (eq $v.model.source "job")) $v.model.name }}
  model.name = {{ . | quote }}
{{- end }}
  model.aliases = {{ $v.model.aliases | toJson }}
  model.precision = {{ $v.model.precision }}
  cluster {
    name = {{ $v.cluster.name | quote }}
    seeds = {{ include "cheshire.seeds" $root }}
    # A name: the pod that takes the place of one that died is known by it at once.
    host = ${POD_NAME}{{ printf ".%s" (include "cheshire.podDomain" .) | quote }}
    # The name above may not resolve yet when the process starts.
    bind-host = ${POD_IP}
    port = {{ int $v.cluster.controlPort }}
  }
  ops {
    host = {{ include "cheshire.anyAddress" $root | quote }}
    port = {{ int $v.ops.port }}
    insecure = {{ $v.ops.insecure }}
{{- if $v.ops.tlsSecret }}
    tls { certificate = "/etc/cheshire-ops-tls/tls.crt", key = "/etc/cheshire-ops-tls/tls.key" }
{{- end }}
  }
  coordinator.replicas = {{ int $v.cluster.copies }}
}
{{- end -}}

{{/* The data plane, for nodes and routers. */}}
{{- define "cheshire.dataConf" -}}
{{- $open := ternary "[" "" (eq .Values.cluster.ipFamily "IPv6") -}}
{{- $close := ternary "]" "" (eq .Values.cluster.ipFamily "IPv6") -}}
cheshire {
  # The pod's address: a Service would keep UDP flows to pods that are gone.
  {{- $port := printf "%s:%d" $close (int .Values.cluster.dataPort) }}
  role.channel = {{ printf "aeron:udp?endpoint=%s" $open | quote }}${POD_IP}{{ $port | quote }}
  transport {
    udp-mtu-bytes = {{ int .Values.cluster.udpMtuBytes }}
    term-buffer-bytes = {{ include "cheshire.bytes" .Values.cluster.termBufferBytes }}
    # Named, so that a process with too little of it says so and doesn't take the temporary directory.
    driver.directory = "/dev/shm"
  }
}
{{- end -}}

{{- define "cheshire.coordinatorConf" -}}
{{ include "cheshire.commonConf" (list . "coordinator") }}
{{- with .Values.config }}
{{ . }}
{{- end }}
{{- with .Values.coordinator.config }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "cheshire.nodeConf" -}}
{{- $e := .Values.expertNode -}}
{{ include "cheshire.commonConf" (list . "expert-node") }}
{{ include "cheshire.dataConf" . }}
cheshire {
  device {
    kernels = {{ $e.kernels }}
    threads = {{ include "cheshire.cores" (dig "requests" "cpu" "1" $e.resources) }}
  }
  expert-node {
    max-weight-bytes = {{ include "cheshire.bytes" $e.weightsBytes }}
    warm-up = {{ $e.warmUp }}
  }
}
{{- with .Values.config }}
{{ . }}
{{- end }}
{{- with $e.config }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "cheshire.routerConf" -}}
{{- $r := .Values.router -}}
{{ include "cheshire.commonConf" (list . "router") }}
{{ include "cheshire.dataConf" . }}
cheshire {
  device.threads = {{ include "cheshire.cores" (dig "requests" "cpu" "1" $r.resources) }}
  shutdown.drain-timeout = {{ int $r.drainTimeoutSeconds }} s
  router {
    engine.kv.bytes = {{ include "cheshire.bytes" $r.kvBytes }}
    http {
      host = {{ include "cheshire.anyAddress" . | quote }}
      port = {{ int $r.api.port }}
      allowed-hosts = {{ $r.api.allowedHosts | toJson }}
      insecure = {{ $r.api.insecure }}
{{- if $r.api.keysSecret }}
      api-keys-file = "/etc/cheshire-api-keys/keys"
{{- end }}
{{- if $r.api.tlsSecret }}
      tls { certificate = "/etc/cheshire-api-tls/tls.crt", key = "/etc/cheshire-api-tls/tls.key" }
{{- end }}
    }
  }
}
{{- with .Values.config }}
{{ . }}
{{- end }}
{{- with $r.config }}
{{ . }}
{{- end }}
{{- end -}}

{{/* Names of pods that start again lead elsewhere within seconds; Java would keep a failed look-up for ten. */}}
{{- define "cheshire.javaSecurity" -}}
networkaddress.cache.ttl=5
networkaddress.cache.negative.ttl=0
{{- end -}}
