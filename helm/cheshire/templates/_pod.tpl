{{/* Parts of the pods that all roles share. */}}

{{/* Metadata of a pod. Argument: (list root role annotations set), the last for expert nodes only. */}}
{{- define "cheshire.podMeta" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $conf := dict "coordinator" "cheshire.coordinatorConf" "expert-node" "cheshire.nodeConf"
    "router" "cheshire.routerConf" -}}
labels:
  {{- include "cheshire.selector" (list $root $role) | nindent 2 }}
  {{- with $root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if gt (len .) 3 }}
  {{- with index . 3 }}
  {{- if .rack }}
  cheshire.io/set: {{ .name }}
  cheshire.io/rack: {{ .rack | quote }}
  {{- end }}
  {{- end }}
  {{- end }}
annotations:
  # Pods are replaced when their settings change.
  checksum/config: {{ include (get $conf $role) $root | sha256sum }}
  {{- with index . 2 }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Where a pod may run. Argument: (list root role values). */}}
{{- define "cheshire.placement" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $v := index . 2 -}}
serviceAccountName: {{ include "cheshire.serviceAccount" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $v.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ $v.spread.topologyKey }}
    whenUnsatisfiable: {{ $v.spread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "cheshire.selector" (list $root $role) | nindent 8 }}
  {{- with dig "zoneKey" "" $v.spread }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cheshire.selector" (list $root $role) | nindent 8 }}
  {{- end }}
{{- end -}}

{{- define "cheshire.containerSecurity" -}}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Environment of a role's process. Argument: (list root values). */}}
{{- define "cheshire.env" -}}
{{- $root := index . 0 -}}
{{- $v := index . 1 -}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: CHESHIRE_SECRET
  valueFrom: {secretKeyRef: {name: {{ $root.Values.secret.existingSecret }}, key: {{ $root.Values.secret.key }}}}
{{- if not $root.Values.ops.insecure }}
- name: CONFIG_FORCE_cheshire_ops_key
  valueFrom: {secretKeyRef: {name: {{ $root.Values.secret.existingSecret }}, key: {{ $root.Values.secret.opsKey }}}}
{{- end }}
# What the shell launcher sets and an image without a shell can't: workers that spin would take the agents' cores.
- {name: OMP_WAIT_POLICY, value: PASSIVE}
- {name: GOMP_SPINCOUNT, value: "5000"}
# Native libraries are unpacked here, since the root is read-only.
- {name: DJL_CACHE_DIR, value: /tmp/djl}
- name: JDK_JAVA_OPTIONS
  value: >-
    -Xmx{{ include "cheshire.mi" (include "cheshire.bytes" $v.heap) }}m
    -XX:ActiveProcessorCount={{ include "cheshire.cores" (dig "requests" "cpu" "1" $v.resources) }}
    -XX:+ExitOnOutOfMemoryError
    -Djava.security.properties=/etc/cheshire/java.security
    -Dorg.bytedeco.javacpp.cachedir=/tmp/javacpp
    {{- with $root.Values.jvm.options }}
    {{ . }}
    {{- end }}
{{- with $v.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The three probes. None asks about peers except readiness. Argument: (list root failures-of-startup). */}}
{{- define "cheshire.probes" -}}
{{- $scheme := ternary "HTTPS" "HTTP" (ne (index . 0).Values.ops.tlsSecret "") -}}
startupProbe:
  httpGet: {path: /health, port: ops, scheme: {{ $scheme }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: {{ int (index . 1) }}
livenessProbe:
  httpGet: {path: /health, port: ops, scheme: {{ $scheme }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /ready, port: ops, scheme: {{ $scheme }}}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 3
{{- end -}}

{{/* Mounts that every role has. Argument: root. */}}
{{- define "cheshire.mounts" -}}
- {name: config, mountPath: /etc/cheshire, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- if ne .Values.model.source "bundled" }}
- {name: model, mountPath: {{ include "cheshire.modelMount" . }}, readOnly: true}
{{- end }}
{{- if .Values.ops.tlsSecret }}
- {name: ops-tls, mountPath: /etc/cheshire-ops-tls, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Their volumes. Argument: (list root role). */}}
{{- define "cheshire.volumes" -}}
{{- $root := index . 0 -}}
{{- $m := $root.Values.model -}}
- name: config
  configMap: {name: {{ include "cheshire.roleName" . }}}
- name: tmp
  emptyDir: {sizeLimit: 1Gi}
{{- if eq $m.source "pvc" }}
- name: model
  persistentVolumeClaim: {claimName: {{ $m.pvc.existingClaim }}, readOnly: true}
{{- else if eq $m.source "job" }}
- name: model
  persistentVolumeClaim: {claimName: {{ include "cheshire.fullname" $root }}-model}
{{- else if eq $m.source "hostPath" }}
- name: model
  hostPath: {path: {{ $m.hostPath.path }}, type: Directory}
{{- else if eq $m.source "image" }}
- name: model
  image: {reference: {{ $m.image.reference | quote }}, pullPolicy: {{ $m.image.pullPolicy }}}
{{- end }}
{{- with $root.Values.ops.tlsSecret }}
- name: ops-tls
  secret: {secretName: {{ . }}}
{{- end }}
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A marker in the claim, named after what was asked for, says that the Job is done. */}}
{{- define "cheshire.modelJobHash" -}}
{{- $j := .Values.model.job -}}
{{- printf "%s\n%s\n%s\n%s" $j.image $j.repo $j.revision $j.script | sha256sum | trunc 10 -}}
{{- end -}}

{{/* Waits for the Job that fills the claim; empty for other sources. */}}
{{- define "cheshire.waitForModel" -}}
{{- if eq .Values.model.source "job" -}}
initContainers:
  - name: wait-for-model
    image: {{ .Values.model.job.image | quote }}
    command: [sh, -c, "until [ -f /models/.complete-{{ include "cheshire.modelJobHash" . }} ]; do sleep 2; done"]
    resources:
      {{- toYaml .Values.model.job.resources | nindent 6 }}
    securityContext:
      {{- include "cheshire.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - {name: model, mountPath: {{ include "cheshire.modelMount" . }}, readOnly: true}
{{- end -}}
{{- end -}}
