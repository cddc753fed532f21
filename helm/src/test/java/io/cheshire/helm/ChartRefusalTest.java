package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong values are refused before anything is installed, and the text says what to do. */
final class ChartRefusalTest {
    static Stream<Arguments> wrongValues() {
        return Stream.of(
                wrong("secret: {existingSecret: ''}", "kubectl -n ns create secret generic"),
                wrong("router: {api: {keysSecret: ''}}", "set router.api.insecure=true"),
                wrong("router: {replicas: 9}", "Set it to 8 or less"),
                wrong("router: {replicas: 0}", "Set it to 1 to 8"),
                wrong("router: {autoscaling: {enabled: true, max: 12}}", "Set it to 8 or less"),
                wrong("router: {autoscaling: {enabled: true, min: 5, max: 3}}", "Lower min or raise max"),
                wrong("router: {autoscaling: {enabled: true, kind: keda}}", "name the Prometheus"),
                wrong("router: {ingress: {enabled: true}}", "name the host"),
                wrong("router: {httpRoute: {enabled: true}}", "name the gateway"),
                wrong(
                        "router: {ingress: {enabled: true, host: a}, httpRoute: {enabled: true, parentRefs: [{}]}}",
                        "Keep one"),
                wrong("cluster: {copies: 5}", "Lower cluster.copies or raise expertNode.replicas"),
                wrong("cluster: {copies: 0}", "Set it to 2"),
                wrong("cluster: {nodes: 5}", "Lower cluster.nodes or raise expertNode.replicas"),
                wrong("cluster: {udpMtuBytes: 1400}", "Take 1408"),
                wrong("cluster: {udpMtuBytes: 96}", "1408 on Ethernet"),
                wrong("cluster: {termBufferBytes: 3Mi}", "Take 2Mi"),
                wrong("cluster: {dataPort: 2551}", "Give each a port of its own"),
                wrong("ops: {port: 80}", "Take a port from 1024"),
                wrong("coordinator: {replicas: 0}", "Set it to 2"),
                wrong("expertNode: {replicas: 300}", "Lower it, or give a node more devices"),
                wrong("expertNode: {heap: 1Gi}", "Raise the limit to 1580Mi"),
                wrong("router: {kvBytes: 8Gi}", "router.resources.limits.memory is 1536Mi"),
                wrong("coordinator: {heap: 640Mi}", "Raise the limit to 940Mi"),
                wrong("expertNode: {shm: {sizeLimit: 1Gi}}", "/dev/shm 1024Mi"),
                wrong("expertNode: {device: gpu, kernels: cuda, gpu: {count: 0}}", "Set it to 1"),
                wrong("expertNode: {device: gpu}", "Name the GPU kernels of your build"),
                wrong("expertNode: {failureDomain: {source: rack}}", "list the racks"),
                wrong(
                        "expertNode: {racks: [{name: a, replicas: 2, firstId: 0}, {name: b, replicas: 2, firstId: 1}]}",
                        "Give each rack a firstId behind the numbers of the one before"),
                wrong(
                        "expertNode: {racks: [{name: a, replicas: 2, firstId: 0}, {name: b, replicas: 2, firstId: 9}]}",
                        "leave no gaps"),
                wrong(
                        "{cluster: {nodes: 2}, expertNode: {racks: [{name: a, replicas: 2, firstId: 0}]}}",
                        "Make them equal"),
                wrong("image: {tag: latest}", "Name a version"),
                wrong("model: {source: pvc}", "name the claim"),
                wrong("model: {source: hostPath}", "name the directory"),
                wrong("model: {source: image, image: {reference: 'phi:1'}}", "name an image with its digest"),
                wrong("model: {source: job}", "name an image with a shell"),
                wrong("model: {source: job, job: {image: tool, repo: phi}}", "the revision as a commit"),
                wrong("model: {path: phi}", "choose the source that has the volume"),
                wrong("podDisruptionBudget: {expertNode: {maxUnavailable: 0}}", "Set it to 1"),
                wrong("podDisruptionBudget: {expertNode: {maxUnavailable: 2}}", "Set it below cluster.copies"),
                wrong("fullnameOverride: a-name-of-more-than-forty-characters-is-too-long", "Shorten it"),
                // Of the schema: it names the value and what it may be.
                wrong("router: {replcas: 2}", "additional properties 'replcas' not allowed"),
                wrong("expertNode: {device: tpu}", "value must be one of 'cpu', 'gpu'"),
                wrong("expertNode: {weightsBytes: 10 GB}", "expertNode/weightsBytes"),
                wrong("coordinator: {replicas: two}", "got string, want integer"),
                wrong("expertNode: {resources: {requests: {memory: null}}}", "missing property 'memory'"),
                wrong("image: {digest: 'sha256:12'}", "does not match pattern '^(sha256:[0-9a-f]{64})?$'"),
                wrong("monitoring: {slo: {ttft: {target: 99}}}", "exclusiveMaximum: got 99, want 1"),
                wrong("model: {source: pcv}", "'bundled', 'pvc', 'hostPath', 'image', 'job'"));
    }

    private static Arguments wrong(final String values, final String remedy) {
        return Arguments.of(values, remedy);
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void shouldRefuseWrongValuesWithTheRemedy(final String values, final String remedy) {
        assertThatThrownBy(() -> Chart.render(Chart.REQUIRED, values)).hasMessageContaining(remedy);
    }

    @Test
    void shouldRefuseImageVolumesWhereKubernetesDropsThem() {
        final String values = "model: {source: image, image: {reference: 'r/phi@sha256:00'}}";

        assertThatThrownBy(() -> Chart.renderFor("1.34.1", Chart.REQUIRED, values))
                .hasMessageContaining("Take model.source pvc, hostPath or job");
        assertThat(Chart.renderFor("1.35.0", Chart.REQUIRED, values)).contains("r/phi@sha256:00");
    }

    @Test
    void shouldRefuseAKubernetesThatIsTooOld() {
        assertThatThrownBy(() -> Chart.renderFor("1.30.4", Chart.REQUIRED)).hasMessageContaining(">=1.31.0");
    }

    @Test
    void shouldCountOnlyTheHostsMemoryWhereWeightsAreOnAGpu() {
        assertThat(Chart.render(Chart.REQUIRED, "expertNode: {device: gpu, kernels: cuda, weightsBytes: 60Gi}"))
                .contains("nvidia.com/gpu: 1");
    }
}
