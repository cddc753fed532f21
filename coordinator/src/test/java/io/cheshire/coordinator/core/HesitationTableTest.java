package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.MassSilenceGuard.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every stage, with every share of nodes in doubt, before and after the wait: the comment of the class says where it
 * goes.
 */
class HesitationTableTest {
    private static final int NODES = 4;
    private static final PlacementRules RULES = TestRules.placement(NODES, 1, 1);
    private static final long WAIT_NS = RULES.replicas().rescueWaitNs();

    private record Case(Stage stage, int doubtful, boolean waitOver) {
        Stage byCode() {
            final PlacementState known = new PlacementMachine(RULES).initial(0);
            final StateBuilder draft = new StateBuilder(RULES, known, waitOver ? WAIT_NS : WAIT_NS - 1);
            for (int nodeId = 0; nodeId < NODES; nodeId++) {
                draft.put(NodeMember.joined(DrivenMachine.hello(nodeId, 100 + nodeId, 10, List.of()), 0));
            }
            return new MassSilenceGuard(stage, 0).after(doubtful, draft).stage();
        }

        Stage byComment() {
            final List<Stage> next = MachineTables.rows(MassSilenceGuard.class, 0, 3).stream()
                    .filter(row -> Stage.valueOf(row.get(0)) == stage && holds(row.get(2)))
                    .map(row -> Stage.valueOf(row.get(1)))
                    .toList();
            assertThat(next).as("ways out of " + this).hasSizeLessThan(2);
            return next.isEmpty() ? stage : next.getFirst();
        }

        private boolean holds(final String when) {
            return Arrays.stream(when.split(", or ", -1))
                    .anyMatch(alternative ->
                            Arrays.stream(alternative.split(" and ", -1)).allMatch(this::isSo));
        }

        private boolean isSo(final String condition) {
            return switch (condition) {
                case "most in doubt" -> doubtful * 2 > NODES;
                case "not most in doubt" -> doubtful * 2 <= NODES;
                case "none in doubt" -> doubtful == 0;
                case "wait over" -> waitOver;
                default -> throw new AssertionError("the comment names an unknown condition: " + condition);
            };
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldGoWhereItsCommentSays() {
        final List<Case> cases = new ArrayList<>();
        for (final Stage stage : Stage.values()) {
            for (int doubtful = 0; doubtful <= NODES; doubtful++) {
                cases.add(new Case(stage, doubtful, false));
                cases.add(new Case(stage, doubtful, true));
            }
        }
        return cases.stream()
                .map(each -> DynamicTest.dynamicTest(
                        each.toString(), () -> assertThat(each.byCode()).isEqualTo(each.byComment())));
    }
}
