package io.cheshire.http.core.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.coordinator.protocol.ClusterState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterPictureTest {
    private static JsonNode pictureOf(final ClusterState state) {
        final ObjectNode picture = JsonNodeFactory.instance.objectNode();
        ClusterPicture.addTo(picture, state, new ServedRates(1));
        return picture;
    }

    @Test
    void shouldSayThatAnyNodeMayBeLostOnlyIfEveryUnitIsOnTwoLiveOnes() {
        final List<List<Integer>> twice = List.of(List.of(0, 1), List.of(1, 2), List.of(0, 2), List.of(1, 0));
        final JsonNode whole = pictureOf(
                        Clusters.of(twice, Clusters.node(0, 1), Clusters.node(1, 2), Clusters.node(2, 3)))
                .get("safety");
        assertThat(whole.get("survivesAnyNode").booleanValue()).isTrue();
        assertThat(whole.get("leastHolders").intValue()).isEqualTo(2);

        final JsonNode lost = pictureOf(Clusters.of(twice, Clusters.node(0, 1), Clusters.node(1, 2)))
                .get("safety");
        assertThat(lost.get("survivesAnyNode").booleanValue()).isFalse();
        assertThat(lost.get("leastHolders").intValue()).isEqualTo(1);
        assertThat(lost.get("unitsOnOneNode").intValue()).isEqualTo(2);
    }

    @Test
    void shouldShowWhatIsNotKnownAsNullAndNeverAsZero() {
        final JsonNode picture =
                pictureOf(Clusters.of(List.of(List.of(0), List.of(0), List.of(0), List.of(0)), Clusters.node(0, 1)));

        assertThat(picture.at("/nodes/0/busy").isNull()).isTrue();
        assertThat(picture.at("/units/rows/3").isNull()).isTrue();
        assertThat(picture.get("layers").intValue()).isEqualTo(2);
        assertThat(picture.at("/events/0/epochText").textValue()).isEqualTo("0.00007");
    }
}
