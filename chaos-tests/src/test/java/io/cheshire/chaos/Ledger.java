package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Rows per layer by both sides' books, from {@code GET /admin/v1/cluster}.
 *
 * @param served   rows that the expert nodes answered, over all nodes
 * @param computed rows that the router has all answers of
 */
record Ledger(List<Long> served, List<Long> computed) {
    /** Experts that see each row. */
    private static final int EXPERTS_PER_TOKEN = 2;

    static Ledger of(final TestServer server) throws Exception {
        return of(server.ops());
    }

    static Ledger of(final JsonClient ops) throws Exception {
        final JsonNode cluster = ops.get("/admin/v1/cluster").ok();
        assertThat(cluster.get("complete").booleanValue())
                .as("all members reported in time")
                .isTrue();
        final List<Long> computed = StreamSupport.stream(
                        cluster.at("/routers/0/rowsByLayer").spliterator(), false)
                .map(JsonNode::longValue)
                .toList();
        final long[] served = new long[computed.size()];
        for (final JsonNode node : cluster.get("nodes")) {
            for (final JsonNode unit : node.get("loads")) {
                served[unit.get("layer").intValue()] += unit.get("rowsServed").longValue();
            }
        }
        return new Ledger(
                IntStream.range(0, served.length).mapToObj(i -> served[i]).toList(), computed);
    }

    /** Nothing was lost and nothing counted twice, layer by layer. */
    void assertBalanced() {
        assertBalancedUpTo(0);
    }

    /** The same, but rows of steps that nobody waited for any more may have been served and not counted. */
    void assertBalancedUpTo(final long rowsAbandoned) {
        assertThat(computed).isNotEmpty().allSatisfy(rows -> assertThat(rows).isPositive());
        for (int layer = 0; layer < served.size(); layer++) {
            assertThat(served.get(layer) - EXPERTS_PER_TOKEN * computed.get(layer))
                    .as("rows served beyond twice the router's in layer %d, of %s and %s", layer, served, computed)
                    .isBetween(0L, EXPERTS_PER_TOKEN * rowsAbandoned);
        }
    }
}
