package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What this project asks of everything that its chart renders. */
final class ChartRulesTest {
    private static final String JOB = "model: {source: job, job: {image: tool, repo: a/phi, revision: '1'}}";

    static Stream<Named<Manifests>> manifests() {
        return Stream.concat(
                Chart.SAMPLES.stream()
                        .map(name -> Named.of(name, Manifests.of(Chart.render(Chart.sampleValues(name))))),
                Stream.of(Named.of("model by a Job", Manifests.of(Chart.render(Chart.REQUIRED, JOB)))));
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldRunEveryContainerWithoutRightsThatItDoesNotNeed(final Manifests manifests) {
        assertThat(manifests.containers()).allSatisfy(container -> {
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
        });
        assertThat(manifests.rolePods()).allSatisfy(pod -> {
            assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
        });
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldAskForMemoryAndCpuAndLimitMemoryOnly(final Manifests manifests) {
        assertThat(manifests.containers()).allSatisfy(container -> {
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits())
                    .containsKey("memory")
                    .doesNotContainKey("cpu");
        });
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldNameAFixedImage(final Manifests manifests) {
        assertThat(manifests.containers())
                .allSatisfy(container -> assertThat(container.getImage())
                        .doesNotEndWith(":latest")
                        .isNotBlank());
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldProbeEveryRoleOnItsOperationsPort(final Manifests manifests) {
        assertThat(manifests.rolePods()).allSatisfy(pod -> {
            final Container container = pod.getSpec().getContainers().getFirst();
            final Set<String> ports =
                    container.getPorts().stream().map(ContainerPort::getName).collect(Collectors.toSet());
            for (final Probe probe :
                    List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
                assertThat(ports).contains(probe.getHttpGet().getPort().getStrVal());
            }
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/health");
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/ready");
        });
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldSelectThePodsThatItMakes(final Manifests manifests) {
        for (final StatefulSet set : manifests.all(StatefulSet.class)) {
            final Map<String, String> labels =
                    set.getSpec().getTemplate().getMetadata().getLabels();
            assertThat(labels).containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
            assertThat(manifests.all(Service.class))
                    .anySatisfy(service -> assertThat(service.getMetadata().getName())
                            .isEqualTo(set.getSpec().getServiceName()));
        }
        final List<Map<String, String>> pods = manifests.rolePods().stream()
                .map(pod -> pod.getMetadata().getLabels())
                .toList();
        assertThat(manifests.all(Service.class))
                .allSatisfy(service -> assertThat(pods)
                        .anyMatch(labels -> labels.entrySet()
                                .containsAll(service.getSpec().getSelector().entrySet())));
        assertThat(manifests.all(PodDisruptionBudget.class))
                .allSatisfy(budget -> assertThat(pods)
                        .anyMatch(labels -> labels.entrySet()
                                .containsAll(budget.getSpec()
                                        .getSelector()
                                        .getMatchLabels()
                                        .entrySet())));
    }

    @Test
    void shouldGiveStatefulSetsSelectorsThatDoNotOverlap() {
        final Manifests manifests = Manifests.of(Chart.render(Chart.sampleValues("ha")));

        for (final StatefulSet one : manifests.all(StatefulSet.class)) {
            assertThat(manifests.all(StatefulSet.class))
                    .filteredOn(other -> !other.getMetadata()
                            .getName()
                            .equals(one.getMetadata().getName()))
                    .noneMatch(other -> other.getSpec()
                            .getTemplate()
                            .getMetadata()
                            .getLabels()
                            .entrySet()
                            .containsAll(
                                    one.getSpec().getSelector().getMatchLabels().entrySet()));
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldMountOnlyVolumesAndFilesThatExist(final Manifests manifests) {
        for (final PodTemplateSpec pod : manifests.rolePods()) {
            final Set<String> volumes =
                    pod.getSpec().getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
            final Container container = pod.getSpec().getContainers().getFirst();
            assertThat(container.getVolumeMounts())
                    .extracting(VolumeMount::getName)
                    .allMatch(volumes::contains);
            final String file = container.getArgs().getLast().replace("/etc/cheshire/", "");
            final String map = pod.getSpec().getVolumes().stream()
                    .filter(volume -> volume.getName().equals("config"))
                    .findFirst()
                    .orElseThrow()
                    .getConfigMap()
                    .getName();
            assertThat(manifests.one(ConfigMap.class, map).getData()).containsKey(file);
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void shouldGiveRoutersTheTimeToDrain(final Manifests manifests) {
        final PodTemplateSpec router =
                manifests.one(StatefulSet.class, "-router").getSpec().getTemplate();

        assertThat(router.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(10L + 120 + 15);
        assertThat(router.getSpec()
                        .getContainers()
                        .getFirst()
                        .getLifecycle()
                        .getPreStop()
                        .getSleep()
                        .getSeconds())
                .isEqualTo(10L);
    }

    @Test
    void shouldSizeSharedMemoryByTheChannelsOfBothSides() {
        final Manifests manifests = Manifests.of(Chart.render(Chart.sampleValues("cpu-16")));

        // 48 Mi, and 12 Mi for each of 16 nodes and 2 more: 264, in steps of 64.
        assertThat(sharedMemory(manifests, "-router")).isEqualTo("320Mi");
        // 48 Mi, and 12 Mi for each of 2 routers and 2 more: 96, at least 128.
        assertThat(sharedMemory(manifests, "-node")).isEqualTo("128Mi");
    }

    private static String sharedMemory(final Manifests manifests, final String set) {
        final var directory =
                manifests.one(StatefulSet.class, set).getSpec().getTemplate().getSpec().getVolumes().stream()
                        .filter(volume -> volume.getName().equals("shm"))
                        .findFirst()
                        .orElseThrow()
                        .getEmptyDir();
        assertThat(directory.getMedium()).isEqualTo("Memory");
        return directory.getSizeLimit().toString();
    }

    @Test
    void shouldTellNodesOfARackItsNameAndNumbersOfTheirOwn() {
        final Manifests manifests = Manifests.of(Chart.render(Chart.sampleValues("ha")));

        final StatefulSet second = manifests.one(StatefulSet.class, "-node-zone-b");
        assertThat(second.getSpec().getOrdinals().getStart()).isEqualTo(6);
        assertThat(second.getSpec().getTemplate().getSpec().getNodeSelector())
                .containsEntry("topology.kubernetes.io/zone", "zone-b");
        assertThat(environment(second)).anySatisfy(variable -> {
            assertThat(variable.getName()).isEqualTo("CONFIG_FORCE_cheshire_role_failure__domain");
            assertThat(variable.getValue()).isEqualTo("zone-b");
        });
    }

    @Test
    void shouldTellNodesTheNameOfTheirMachineByDefault() {
        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED));

        assertThat(environment(manifests.one(StatefulSet.class, "-node"))).anySatisfy(variable -> {
            assertThat(variable.getName()).isEqualTo("CONFIG_FORCE_cheshire_role_failure__domain");
            assertThat(variable.getValueFrom().getFieldRef().getFieldPath()).isEqualTo("spec.nodeName");
        });
    }

    private static List<EnvVar> environment(final StatefulSet set) {
        return set.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv();
    }

    @Test
    void shouldReplacePodsOfARoleWhenItsSettingsChange() {
        final Manifests before = Manifests.of(Chart.render(Chart.REQUIRED));
        final Manifests after = Manifests.of(Chart.render(Chart.REQUIRED, "router: {kvBytes: 128Mi}"));

        assertThat(checksum(after, "-router")).isNotEqualTo(checksum(before, "-router"));
        assertThat(checksum(after, "-node")).isEqualTo(checksum(before, "-node"));
    }

    private static String checksum(final Manifests manifests, final String set) {
        return String.valueOf(manifests
                .one(StatefulSet.class, set)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .get("checksum/config"));
    }

    @Test
    void shouldLetNoPodRunBeforeTheJobHasFilledItsClaim() {
        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED, JOB));

        assertThat(manifests.rolePods())
                .allSatisfy(pod -> assertThat(
                                pod.getSpec().getInitContainers().getFirst().getCommand())
                        .last()
                        .asString()
                        .contains("until [ -f /models/.complete-"));
    }

    @Test
    void shouldNeverSayTheSecretInPlainText() {
        assertThat(Manifests.of(Chart.render(Chart.sampleValues("ha"))).trees())
                .noneMatch(tree -> tree.path("kind").asText().equals("Secret"));
    }
}
