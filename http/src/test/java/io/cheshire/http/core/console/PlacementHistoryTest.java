package io.cheshire.http.core.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementHistoryTest {
    private final PlacementHistory history = new PlacementHistory();

    private ArrayNode kept() {
        return history.drawn();
    }

    @Test
    void shouldKeepEachEpochOnceAndTheLatestOnly() {
        for (int epoch = 1; epoch <= PlacementHistory.MOST_EPOCHS + 2; epoch++) {
            history.add(epoch, new Placement(Epochs.of(epoch, 1), 1, List.of(List.of(epoch % 2))));
            history.add(epoch, new Placement(Epochs.of(epoch, 1), 1, List.of(List.of(epoch % 2))));
        }

        assertThat(kept()).hasSize(PlacementHistory.MOST_EPOCHS);
        assertThat(kept().get(0).get("timeMs").intValue()).isEqualTo(3);
        assertThat(kept().get(0).get("epochText").asText()).startsWith("3.");
        assertThat(kept().get(0).get("nodesByUnit")).isNotEmpty();
    }
}
