{{/* What the schema can't see: values that don't go together. Each text says what to do. */}}
{{- define "cheshire.checks" -}}
{{- $v := .Values -}}
{{- if not $v.secret.existingSecret -}}
{{- fail (printf (print
    "secret.existingSecret is empty: members need a secret that stays the same at every upgrade. "
    "Make one and name it: kubectl -n %s create secret generic cheshire "
    "--from-literal=secret=$(openssl rand -hex 32) --from-literal=ops-key=$(openssl rand -hex 32); "
    "then --set secret.existingSecret=cheshire.") .Release.Namespace) -}}
{{- end -}}
{{- if not (or $v.router.api.keysSecret $v.router.api.insecure) -}}
{{- fail (print
    "router.api.keysSecret is empty: name a Secret with one API key a line under the key `keys`, or "
    "set router.api.insecure=true if everybody who reaches the port may use the model.") -}}
{{- end -}}
{{- if gt (len (include "cheshire.fullname" .)) 40 -}}
{{- fail (printf (print
    "fullnameOverride %q has more than 40 characters, too long for the names made of it. Shorten it.")
    $v.fullnameOverride) -}}
{{- end -}}
{{- if lt (int $v.coordinator.replicas) 1 -}}
{{- fail (print
    "coordinator.replicas is 0: nobody would place units. Set it to 2, or 1 where a pause of "
    "repairs is no harm.") -}}
{{- end -}}
{{- if gt (int $v.expertNode.replicas) 256 -}}
{{- fail (printf (print
    "expertNode.replicas is %d: a coordinator keeps at most 256 nodes "
    "(cheshire.coordinator.max-nodes). Lower it, or give a node more devices.") (int $v.expertNode.replicas)) -}}
{{- end -}}
{{- if lt (int $v.cluster.copies) 1 -}}
{{- fail "cluster.copies is 0: no node would hold anything. Set it to 2, or 1 without tolerance of losses." -}}
{{- end -}}
{{- if gt (int $v.cluster.nodes) (int $v.expertNode.replicas) -}}
{{- fail (printf (print
    "cluster.nodes is %d, but there are %d expert nodes: the first placement would wait for nodes "
    "that never come. Lower cluster.nodes or raise expertNode.replicas.")
    (int $v.cluster.nodes) (int $v.expertNode.replicas)) -}}
{{- end -}}
{{- if gt (int $v.cluster.copies) (int $v.expertNode.replicas) -}}
{{- fail (printf (print
    "cluster.copies is %d, but there are %d expert nodes, and a node holds a unit once. Lower "
    "cluster.copies or raise expertNode.replicas.") (int $v.cluster.copies) (int $v.expertNode.replicas)) -}}
{{- end -}}
{{- include "cheshire.checkImage" . -}}
{{- include "cheshire.checkNetwork" . -}}
{{- include "cheshire.checkModel" . -}}
{{- include "cheshire.checkRacks" . -}}
{{- include "cheshire.checkDevice" . -}}
{{- include "cheshire.checkRouters" . -}}
{{- include "cheshire.checkBudgets" . -}}
{{- include "cheshire.checkSums" . -}}
{{- end -}}

{{- define "cheshire.checkImage" -}}
{{- if and (eq .Values.image.tag "latest") (not .Values.image.digest) -}}
{{- fail (print
    "image.tag is latest: pods that restart would run another build than their peers, which refuse "
    "it. Name a version, or better image.digest.") -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkNetwork" -}}
{{- $c := .Values.cluster -}}
{{- if mod (int $c.udpMtuBytes) 32 -}}
{{- fail (printf (print
    "cluster.udpMtuBytes is %d, which is no multiple of 32, as Aeron wants it. Take 1408, 1344 for "
    "overlays with less room, or 8960 with jumbo frames.") (int $c.udpMtuBytes)) -}}
{{- end -}}
{{- if or (lt (int $c.udpMtuBytes) 512) (gt (int $c.udpMtuBytes) 65504) -}}
{{- fail (printf (print
    "cluster.udpMtuBytes is %d. It must be from 512 to 65504: 1408 on Ethernet, 8960 with jumbo "
    "frames.") (int $c.udpMtuBytes)) -}}
{{- end -}}
{{- $term := int64 (include "cheshire.bytes" $c.termBufferBytes) -}}
{{- $found := false -}}
{{- range $power := until 11 -}}
{{- $size := 65536 -}}
{{- range until $power -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- if eq (int64 $size) $term -}}{{- $found = true -}}{{- end -}}
{{- end -}}
{{- if not $found -}}
{{- fail (printf (print
    "cluster.termBufferBytes is %v, which is no power of two from 64Ki to 64Mi. Take 2Mi; more only "
    "for many rows at once, since /dev/shm grows with it.") $c.termBufferBytes) -}}
{{- end -}}
{{- $ports := dict -}}
{{- range $name, $port := dict "cluster.controlPort" $c.controlPort "cluster.dataPort" $c.dataPort
    "router.api.port" .Values.router.api.port "ops.port" .Values.ops.port -}}
{{- if or (lt (int $port) 1024) (gt (int $port) 65535) -}}
{{- fail (printf (print
    "%s is %d. Take a port from 1024 to 65535: pods run without the right to lower ones.") $name (int $port)) -}}
{{- end -}}
{{- $key := toString (int $port) -}}
{{- if hasKey $ports $key -}}
{{- fail (printf "%s and %s are both %s. Give each a port of its own." (get $ports $key) $name $key) -}}
{{- end -}}
{{- $_ := set $ports $key $name -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkModel" -}}
{{- $m := .Values.model -}}
{{- if and (eq $m.source "pvc") (not $m.pvc.existingClaim) -}}
{{- fail (print
    "model.source is pvc, but model.pvc.existingClaim is empty: name the claim that holds the "
    "checkpoint, or take model.source=job to have one filled.") -}}
{{- end -}}
{{- if and (eq $m.source "hostPath") (not $m.hostPath.path) -}}
{{- fail (print
    "model.source is hostPath, but model.hostPath.path is empty: name the directory that holds the "
    "checkpoint on every machine.") -}}
{{- end -}}
{{- if eq $m.source "image" -}}
{{- if not (contains "@sha256:" $m.image.reference) -}}
{{- fail (printf (print
    "model.image.reference is %q: name an image with its digest (registry/model@sha256:...), since "
    "members with different weights refuse each other.") $m.image.reference) -}}
{{- end -}}
{{- if semverCompare "<1.35.0-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf (print
    "model.source is image, but this cluster has Kubernetes %s: image volumes are on by default "
    "since 1.35, and older ones drop the field without a word. Take model.source pvc, hostPath or "
    "job.") .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- end -}}
{{- if eq $m.source "job" -}}
{{- if not $m.job.image -}}
{{- fail (print
    "model.source is job, but model.job.image is empty: name an image with a shell and with what "
    "model.job.script calls (its default calls hf, of huggingface_hub).") -}}
{{- end -}}
{{- if not (and $m.job.repo $m.job.revision) -}}
{{- fail (print
    "model.source is job, but model.job.repo or model.job.revision is empty: name both, the "
    "revision as a commit, so that every install gets the same bytes.") -}}
{{- end -}}
{{- end -}}
{{- if and $m.path (eq $m.source "bundled") -}}
{{- fail (print
    "model.path names a directory of a volume, but model.source is bundled. Remove it, or choose "
    "the source that has the volume.") -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkRacks" -}}
{{- $e := .Values.expertNode -}}
{{- if and (eq $e.failureDomain.source "rack") (not $e.racks) -}}
{{- fail (print
    "expertNode.failureDomain.source is rack, but expertNode.racks is empty: list the racks, or "
    "take machine or podLabel.") -}}
{{- end -}}
{{- if $e.racks -}}
{{- $sum := 0 -}}
{{- $ids := dict -}}
{{- range $e.racks -}}
{{- $sum = add $sum .replicas -}}
{{- $rack := . -}}
{{- range $i := until (int .replicas) -}}
{{- $id := add $i $rack.firstId | toString -}}
{{- if hasKey $ids $id -}}
{{- fail (printf (print
    "expertNode.racks: node %s is in rack %s and in rack %s. Give each rack a firstId behind the "
    "numbers of the one before.") $id (get $ids $id) $rack.name) -}}
{{- end -}}
{{- $_ := set $ids $id $rack.name -}}
{{- end -}}
{{- end -}}
{{- range $id := until (int $.Values.cluster.nodes) -}}
{{- if not (hasKey $ids (toString $id)) -}}
{{- fail (printf (print
    "expertNode.racks: no rack has node %d, and the first placement deals units to nodes 0 to %d. "
    "Let firstId begin with 0 and leave no gaps; racks that are added later go on after the last.")
    $id (sub (int $.Values.cluster.nodes) 1)) -}}
{{- end -}}
{{- end -}}
{{- if ne (int $sum) (int $e.replicas) -}}
{{- fail (printf (print
    "expertNode.racks have %d nodes in all, but expertNode.replicas is %d. Make them equal.")
    (int $sum) (int $e.replicas)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkDevice" -}}
{{- $e := .Values.expertNode -}}
{{- if eq $e.device "gpu" -}}
{{- if lt (int $e.gpu.count) 1 -}}
{{- fail (print
    "expertNode.device is gpu, but expertNode.gpu.count is 0: a pod would get no device. Set it to "
    "1, or take expertNode.device=cpu.") -}}
{{- end -}}
{{- if has $e.kernels (list "onednn" "reference") -}}
{{- fail (printf (print
    "expertNode.device is gpu, but expertNode.kernels is %s, which computes on the CPU and would "
    "leave the device idle. Name the GPU kernels of your build, or take expertNode.device=cpu.") $e.kernels) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkRouters" -}}
{{- $r := .Values.router -}}
{{- if $r.autoscaling.enabled -}}
{{- if gt (int $r.autoscaling.min) (int $r.autoscaling.max) -}}
{{- fail (printf (print
    "router.autoscaling.min is %d and max is %d. Lower min or raise max.")
    (int $r.autoscaling.min) (int $r.autoscaling.max)) -}}
{{- end -}}
{{- if and (eq $r.autoscaling.kind "keda") (not $r.autoscaling.prometheusAddress) -}}
{{- fail (print
    "router.autoscaling.kind is keda, but prometheusAddress is empty: name the Prometheus that "
    "scrapes this release, such as http://prometheus-operated.monitoring:9090.") -}}
{{- end -}}
{{- end -}}
{{- if and $r.ingress.enabled (not $r.ingress.host) -}}
{{- fail (print
    "router.ingress.enabled is true, but router.ingress.host is empty: name the host under which "
    "the API is to be reached.") -}}
{{- end -}}
{{- if and $r.httpRoute.enabled (not $r.httpRoute.parentRefs) -}}
{{- fail (print
    "router.httpRoute.enabled is true, but router.httpRoute.parentRefs is empty: name the gateway, "
    "such as [{name: public, namespace: gateways}].") -}}
{{- end -}}
{{- if lt (int (include "cheshire.leastRouters" .)) 1 -}}
{{- fail (printf (print
    "router.%s is 0: nobody would answer the API. Set it to 1 to 8.")
    (ternary "autoscaling.min" "replicas" $r.autoscaling.enabled)) -}}
{{- end -}}
{{- if gt (int (include "cheshire.mostRouters" .)) 8 -}}
{{- fail (printf (print
    "router.%s is %s, but an expert node serves at most 8 routers (cheshire.transport.max-routers): "
    "a ninth would never be ready. Set it to 8 or less, and give each router more cores.")
    (ternary "autoscaling.max" "replicas" $r.autoscaling.enabled) (include "cheshire.mostRouters" .)) -}}
{{- end -}}
{{- if and $r.ingress.enabled $r.httpRoute.enabled -}}
{{- fail (print
    "router.ingress.enabled and router.httpRoute.enabled are both true: the API would have two ways "
    "in. Keep one.") -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkBudgets" -}}
{{- $b := .Values.podDisruptionBudget -}}
{{- if $b.enabled -}}
{{- range $role := list "expertNode" "coordinator" "router" -}}
{{- if lt (int (get $b $role).maxUnavailable) 1 -}}
{{- fail (printf (print
    "podDisruptionBudget.%s.maxUnavailable is 0: no machine with such a pod could ever be drained. "
    "Set it to 1, or podDisruptionBudget.enabled=false.") $role) -}}
{{- end -}}
{{- end -}}
{{- if and (gt (int .Values.cluster.copies) 1) (ge (int $b.expertNode.maxUnavailable) (int .Values.cluster.copies)) -}}
{{- fail (printf (print
    "podDisruptionBudget.expertNode.maxUnavailable is %d with %d copies of each unit: a drain might "
    "take all copies of one at once. Set it below cluster.copies.")
    (int $b.expertNode.maxUnavailable) (int .Values.cluster.copies)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cheshire.checkSums" -}}
{{- $v := .Values -}}
{{- $node := list (list "expertNode.heap" $v.expertNode.heap) (list "/dev/shm" (include "cheshire.nodeShm" .)) -}}
{{- if eq $v.expertNode.device "cpu" -}}
{{- $node = append $node (list "expertNode.weightsBytes" $v.expertNode.weightsBytes) -}}
{{- end -}}
{{- include "cheshire.checkMemory" (list "expertNode" (dig "limits" "memory" "" $v.expertNode.resources) $node) -}}
{{- include "cheshire.checkMemory" (list "router" (dig "limits" "memory" "" $v.router.resources) (list
    (list "router.heap" $v.router.heap) (list "router.kvBytes" $v.router.kvBytes)
    (list "router.weightsBytes" $v.router.weightsBytes) (list "/dev/shm" (include "cheshire.routerShm" .)))) -}}
{{- include "cheshire.checkMemory" (list "coordinator" (dig "limits" "memory" "" $v.coordinator.resources) (list
    (list "coordinator.heap" $v.coordinator.heap))) -}}
{{- end -}}
