package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.FailureDomain;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the chart lets nodes have their failure domain from, and that they take whatever comes from there. */
class ChartDomainsTest {
    private static final String VARIABLE = "CONFIG_FORCE_cheshire_role_failure__domain";

    @Test
    void shouldNameTheMachineOrALabelOfThePod() {
        assertThat(fieldsOf("expertNode: {failureDomain: {source: machine}}")).containsExactly("spec.nodeName");
        assertThat(fieldsOf("expertNode: {failureDomain: {source: podLabel, podLabel: rack.example/row}}"))
                .containsExactly("metadata.labels['rack.example/row']");
        assertThat(variables("expertNode: {failureDomain: {source: none}}")).isEmpty();
    }

    @Test
    void shouldNameTheRackAsItsMachinesDo() {
        assertThat(variables("expertNode: {failureDomain: {source: rack}, racks: [{name: a, replicas: 2, firstId: 0}, "
                        + "{name: b, label: Row_2.B, replicas: 2, firstId: 2}]}"))
                .extracting(EnvVar::getValue)
                .containsExactly("a", "Row_2.B")
                .allMatch(FailureDomain::isValid);
    }

    /** DNS subdomains of 253 characters at most, and values of labels of 63; the latter may be empty. */
    @Test
    void shouldTakeEveryNameThatKubernetesAllows() {
        final String label = "Aa0-_.z".repeat(9);

        assertThat(label).hasSize(63);
        assertThat(List.of(
                        label, "", "ip-10-0-0-7.eu-central-1.compute.internal", ("a".repeat(62) + ".").repeat(4) + "0"))
                .allMatch(FailureDomain::isValid);
    }

    private static List<String> fieldsOf(final String values) {
        return variables(values).stream()
                .map(variable -> variable.getValueFrom().getFieldRef().getFieldPath())
                .toList();
    }

    private static List<EnvVar> variables(final String values) {
        return Manifests.of(Chart.render(Chart.REQUIRED, values)).all(StatefulSet.class).stream()
                .flatMap(set -> set.getSpec().getTemplate().getSpec().getContainers().stream())
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals(VARIABLE))
                .toList();
    }
}
