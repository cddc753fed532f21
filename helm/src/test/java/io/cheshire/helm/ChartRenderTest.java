package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that the chart can render is what Kubernetes knows, and nothing else. */
final class ChartRenderTest {
    static Stream<String> samples() {
        return Chart.SAMPLES.stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldPassStrictLintWithEverySample(final String name, @TempDir final Path directory) {
        final LintResult lint = Chart.lint(directory, Chart.sampleValues(name));

        assertThat(lint.isFailed()).as(lint.getMessages().toString()).isFalse();
        assertThat(lint.getMessages()).allMatch(message -> message.startsWith("[INFO]"));
    }

    @Test
    void shouldPassStrictLintWithItsDefaults(@TempDir final Path directory) {
        final LintResult lint = Chart.lint(directory, Chart.REQUIRED);

        assertThat(lint.isFailed()).as(lint.getMessages().toString()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldRenderOnlyKnownFieldsWithEverySample(final String name) {
        final Manifests manifests = Manifests.of(Chart.render(Chart.sampleValues(name)));

        assertThat(manifests.all(StatefulSet.class)).hasSizeGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldRenderTheSameBytesFromTheSameValues(final String name) {
        assertThat(Chart.render(Chart.sampleValues(name))).isEqualTo(Chart.render(Chart.sampleValues(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.31.0", "1.33.2", "1.35.0"})
    void shouldRenderForEverySupportedKubernetes(final String version) {
        assertThat(Manifests.of(Chart.renderFor(version, Chart.REQUIRED)).all(StatefulSet.class))
                .hasSize(3);
    }

    /** Each line is one way to turn the chart's switches. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model: {source: pvc, pvc: {existingClaim: phi}, path: a/b}",
                "model: {source: hostPath, hostPath: {path: /srv/phi}}",
                "model: {source: image, image: {reference: 'r/phi@sha256:00'}}",
                "model: {source: job, job: {image: tool, repo: a/phi, revision: '1', "
                        + "tokenSecret: {name: hf}, storageClass: nfs}}",
                "expertNode: {device: gpu, kernels: cuda, gpu: {count: 2, runtimeClassName: nvidia}}",
                "expertNode: {device: gpu, kernels: cuda, resources: {requests: {cpu: 2, memory: 2Gi}}}",
                "expertNode: {failureDomain: {source: none}}",
                "expertNode: {failureDomain: {source: podLabel}, spread: {zoneKey: topology.kubernetes.io/zone}}",
                "expertNode: {failureDomain: {source: rack}, racks: [{name: a, replicas: 2, firstId: 0}, "
                        + "{name: b, replicas: 2, firstId: 2}]}",
                "expertNode: {racks: [{name: a, replicas: 3, firstId: 0}, {name: a2, label: a, "
                        + "replicas: 1, firstId: 3}], nodeSelector: {x: y}}",
                "expertNode: {affinity: {nodeAffinity: {}}, tolerations: [{operator: Exists}], "
                        + "priorityClassName: high}",
                "router: {api: {tlsSecret: tls}, service: {type: LoadBalancer, annotations: {a: b}}}",
                "router: {api: {insecure: true, keysSecret: ''}}",
                "router: {preStopSleepSeconds: 0}",
                "router: {autoscaling: {enabled: true}}",
                "router: {autoscaling: {enabled: true, kind: keda, prometheusAddress: 'http://p'}}",
                "router: {ingress: {enabled: true, host: a.example, tlsSecret: tls, className: nginx}}",
                "router: {httpRoute: {enabled: true, parentRefs: [{name: g}], hostnames: [a.example]}}",
                "ops: {insecure: true}",
                "{ops: {tlsSecret: tls}, monitoring: {serviceMonitor: true}}",
                "monitoring: {serviceMonitor: true, prometheusRule: true, dashboards: true, labels: {release: p}}",
                "{monitoring: {prometheusRule: true}, plan: {saturationRate: 12.5, itlP99Seconds: 0.08}, "
                        + "router: {api: {tlsSecret: tls}}, ops: {tlsSecret: tls}}",
                "networkPolicy: {enabled: true}",
                "networkPolicy: {enabled: true, apiFrom: [{namespaceSelector: {}}], opsFrom: [{podSelector: {}}]}",
                "podDisruptionBudget: {enabled: false}",
                "serviceAccount: {create: false, name: mine}",
                "cluster: {ipFamily: IPv6, udpMtuBytes: 1344}",
                "{test: {apiKeySecret: k}, image: {digest: '', tag: '1', registry: r, pullSecrets: [s]}, "
                        + "global: {imageRegistry: q}}",
                "{commonLabels: {team: a}, extraVolumes: [{name: x, emptyDir: {}}], "
                        + "extraVolumeMounts: [{name: x, mountPath: /x}], jvm: {options: -XX:+UseSerialGC}}",
                "extraObjects: [{apiVersion: v1, kind: ConfigMap, "
                        + "metadata: {name: '{{ .Release.Name }}-x'}, data: {a: b}}]",
                "{fullnameOverride: x, coordinator: {replicas: 1, extraEnv: [{name: A, value: b}], "
                        + "podAnnotations: {a: b}}}",
                "{expertNode: {replicas: 1}, cluster: {nodes: 1, copies: 1}, router: {replicas: 8}}",
            })
    void shouldRenderOnlyKnownFieldsHoweverItsSwitchesStand(final String values) {
        final String rendered = Chart.render(Chart.REQUIRED, values);

        assertThat(Manifests.of(rendered).rolePods()).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void shouldRefuseAFieldThatKubernetesDoesNotKnow() {
        final String misspelt =
                Chart.render(Chart.REQUIRED).replace("terminationGracePeriodSeconds", "terminationGrace");

        assertThat(catchMessage(() -> Manifests.of(misspelt))).contains("terminationGrace");
    }

    @Test
    void shouldFillTemplatesInExtraObjects() {
        final Manifests manifests = Manifests.of(Chart.render(
                Chart.REQUIRED,
                "extraObjects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: '{{ .Release.Name }}-mine'}}]"));

        assertThat(manifests.one(ConfigMap.class, "mine").getMetadata().getName())
                .isEqualTo("c-mine");
    }

    private static String catchMessage(final Runnable call) {
        try {
            call.run();
        } catch (final AssertionError e) {
            return String.valueOf(e.getMessage());
        }
        return "nothing was refused";
    }
}
