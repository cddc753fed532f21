package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.planner.core.report.Answers;
import io.cheshire.planner.core.report.EmitTarget;
import io.cheshire.planner.core.report.EmittedFleet;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.plan.PlanReader;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the planner emits is what this chart takes. */
final class PlannedValuesTest {
    private static String emitted(final Map<String, ?> flags) {
        final CapacityPlan plan = PlanReader.read(null, flags, 1);
        final Answers answers = new Answers(plan, 1, "a test");
        return new EmittedFleet(
                        answers.of(List.of(answers.search().judge(plan.fleet().first())), false))
                .as(EmitTarget.HELM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"h200", "cpu"})
    void shouldRenderWithEveryClassOfNode(final String nodeClass) {
        final String values = emitted(
                Map.of("fleet.node-class", nodeClass, "fleet.racks", 4, "fleet.spares", 1, "workload.preset", "rag"));

        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED_BY_SAMPLES, values));

        // One StatefulSet a rack, one of routers, one of coordinators.
        assertThat(manifests.all(StatefulSet.class)).hasSize(6);
        assertThat(manifests.all(StatefulSet.class).stream()
                        .filter(set -> set.getMetadata().getName().contains("node"))
                        .mapToInt(set -> set.getSpec().getReplicas())
                        .sum())
                .isEqualTo(17);
    }

    @Test
    void shouldRenderTheWorkedPlan() {
        final Path file = Chart.root().resolve("docs/planning/azure-h200-values.yaml");

        assertThat(Manifests.of(Chart.render(Chart.REQUIRED_BY_SAMPLES, Chart.read(file)))
                        .all(StatefulSet.class))
                .hasSizeGreaterThanOrEqualTo(3);
    }
}
