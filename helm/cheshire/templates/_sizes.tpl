{{/* Arithmetic with Kubernetes quantities. */}}

{{/* Bytes of a quantity. */}}
{{- define "cheshire.bytes" -}}
{{- $isNumber := or (kindIs "float64" .) (kindIs "int" .) (kindIs "int64" .) -}}
{{- $text := toString . -}}
{{- if $isNumber -}}{{- $text = printf "%.0f" (float64 .) -}}{{- end -}}
{{- $number := regexFind "^[0-9]+(\\.[0-9]+)?" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- $factors := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000
    "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- if or (eq $number "") (not (hasKey $factors $unit)) -}}
{{- fail (printf "%q is no size. Write a number with a unit of Kubernetes, such as 512Mi, 10.5Gi or 2G." $text) -}}
{{- end -}}
{{- printf "%.0f" (mulf (float64 $number) (float64 (get $factors $unit))) -}}
{{- end -}}

{{/* Bytes as whole Mi, rounded up. */}}
{{- define "cheshire.mi" -}}
{{- div (add (int64 .) 1048575) 1048576 -}}
{{- end -}}

{{/* Cores of a CPU quantity, rounded up, at least 1. */}}
{{- define "cheshire.cores" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}
{{- max 1 (div (add (int64 (trimSuffix "m" $text)) 999) 1000) -}}
{{- else if regexMatch "^[0-9]+(\\.[0-9]+)?$" $text -}}
{{- max 1 (int64 (ceil (float64 $text))) -}}
{{- else -}}
{{- fail (printf "%q is no amount of CPU. Write cores or thousandths of them, such as 4 or 500m." $text) -}}
{{- end -}}
{{- end -}}

{{/*
Mi of /dev/shm for a media driver: 48 Mi of its own, and three term buffers for each channel, of which there are two a
peer. Two peers more than there are, since the channels of one that restarts linger. In steps of 64, at least 128.
Argument: (list root peers).
*/}}
{{- define "cheshire.shmMi" -}}
{{- $channel := mul 6 (int64 (include "cheshire.bytes" (index . 0).Values.cluster.termBufferBytes)) -}}
{{- $bytes := add (mul 48 1048576) (mul (add (index . 1) 2) $channel) -}}
{{- max 128 (mul 64 (div (add (int64 (include "cheshire.mi" $bytes)) 63) 64)) -}}
{{- end -}}

{{/* Size of a node's /dev/shm as a quantity. */}}
{{- define "cheshire.nodeShm" -}}
{{- $computed := include "cheshire.shmMi" (list . (int (include "cheshire.mostRouters" .))) -}}
{{- default (printf "%sMi" $computed) .Values.expertNode.shm.sizeLimit -}}
{{- end -}}

{{- define "cheshire.routerShm" -}}
{{- $computed := include "cheshire.shmMi" (list . (int .Values.expertNode.replicas)) -}}
{{- default (printf "%sMi" $computed) .Values.router.shm.sizeLimit -}}
{{- end -}}

{{/* Code, threads and buffers of a JVM beside heap, weights and /dev/shm. */}}
{{- define "cheshire.jvmMi" -}}300{{- end -}}

{{/*
Refuses a memory limit that its parts don't fit into: the pod would be killed once it is full, not at its start.
Argument: (list name limit parts), parts being a list of (list what quantity).
*/}}
{{- define "cheshire.checkMemory" -}}
{{- if index . 1 -}}
{{- $limit := int64 (include "cheshire.mi" (include "cheshire.bytes" (index . 1))) -}}
{{- $sum := int64 (include "cheshire.jvmMi" "") -}}
{{- $text := list -}}
{{- range index . 2 -}}
{{- $mi := int64 (include "cheshire.mi" (include "cheshire.bytes" (index . 1))) -}}
{{- $sum = add $sum $mi -}}
{{- $text = append $text (printf "%s %dMi" (index . 0) $mi) -}}
{{- end -}}
{{- if lt $limit $sum -}}
{{- fail (printf (print
    "%s.resources.limits.memory is %dMi, but the pod needs %dMi: %s, and %sMi for the JVM. Raise "
    "the limit to %dMi or lower one of its parts.")
      (index . 0) $limit $sum (join ", " $text) (include "cheshire.jvmMi" "")
    $sum) -}}
{{- end -}}
{{- end -}}
{{- end -}}
