package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutingTraceTest {
    private static final List<String> HEAD =
            List.of("# cheshire routing trace 1", "# model f00d layers 2 experts 2", "step,layer,e0,e1");

    @Test
    void shouldAddUpWindowsOfWholeStepsAcrossLanes() {
        final RoutingTrace.Content content =
                read(1, 0, "2,0,3,1", "3,0,0,4", "2,1,2,2", "3,1,4,0", "# end: 4 records, 0 dropped");
        assertThat(content.loads().windows())
                .containsEntry("steps 1-1", List.of(3.0, 1.0, 2.0, 2.0))
                .containsEntry("steps 2-2", List.of(0.0, 4.0, 4.0, 0.0))
                .hasSize(2);
        assertThat(content.droppedRecords()).isZero();
        assertThat(read(2, 0, "2,0,3,1", "3,0,0,4", "2,1,2,2", "3,1,4,0")
                        .loads()
                        .windows())
                .containsExactlyEntriesOf(java.util.Map.of("steps 1-2", List.of(3.0, 5.0, 6.0, 2.0)));
    }

    @Test
    void shouldCountASmallPartAsOneReadingOfTheWeights() {
        assertThat(read(1, 8, "2,0,3,0", "2,1,16,1").loads().windows().get("steps 1-1"))
                .containsExactly(8.0, 0.0, 16.0, 8.0);
    }

    @Test
    void shouldLeaveOutStepsThatAreNotWhole() {
        final RoutingTrace.Content content =
                read(1, 0, "2,0,3,1", "4,0,1,1", "6,1,1,1", "4,1,1,1", "# end: 4 records, 2 dropped");
        assertThat(content.loads().windows()).containsOnlyKeys("steps 1-1");
        assertThat(content.incompleteSteps()).isEqualTo(2);
        assertThat(content.droppedRecords()).isEqualTo(2);
    }

    @Test
    void shouldSayThatATraceHasNoEndAndWhatNoWindowTook() {
        final RoutingTrace.Content content =
                read(2, 0, "2,0,3,1", "2,1,1,1", "4,0,1,1", "4,1,1,1", "6,0,1,1", "6,1,1,1");
        assertThat(content.droppedRecords()).isEqualTo(-1);
        assertThat(content.steps()).isEqualTo(3);
        assertThat(content.stepsLeftOut()).isEqualTo(1);
    }

    @Test
    void shouldNameTheLineThatIsWrong() {
        assertThatThrownBy(() -> new RoutingTrace("t", 1, 0)
                        .read(List.of("# cheshire routing trace 2").iterator()))
                .hasMessageContaining("t, line 1")
                .hasMessageContaining("version 1");
        assertThatThrownBy(() -> read(1, 0, "2,0,3"))
                .hasMessageContaining("line 4")
                .hasMessageContaining("3 cells");
        assertThatThrownBy(() -> read(1, 0, "2,0,3,x")).hasMessageContaining("line 4");
        assertThatThrownBy(() -> read(1, 0, "2,7,3,1")).hasMessageContaining("layer 7");
        assertThatThrownBy(() -> read(1, 0, "2,0,3,-1")).hasMessageContaining("negative");
        assertThatThrownBy(() -> read(1, 0, "# a remark")).hasMessageContaining("only the end");
        assertThatThrownBy(() -> read(1, 0, "# end: 0 records, 0 dropped", "2,0,3,1"))
                .hasMessageContaining("after the end");
        assertThatThrownBy(() -> read(5, 0, "2,0,3,1", "2,1,3,1")).hasMessageContaining("less than a window");
    }

    @Test
    void shouldTellATraceFromATable() {
        assertThat(RoutingTrace.isTrace(HEAD.getFirst())).isTrue();
        assertThat(RoutingTrace.isTrace("recipe,layer,e0,e1")).isFalse();
    }

    private static RoutingTrace.Content read(final int windowSteps, final double ridge, final String... records) {
        final List<String> lines = new ArrayList<>(HEAD);
        lines.addAll(List.of(records));
        return new RoutingTrace("t", windowSteps, ridge).read(lines.iterator());
    }
}
