package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Rows per layer by both sides' books, from {@code GET /admin/v1/cluster}, taken when nothing is under way.
 *
 * @param served   rows that the expert nodes answered, over all nodes
 * @param computed rows that the router has all answers of
 * @param unused   rows that nodes answered and the router dropped: late, or of layers that nobody waited for
 * @param givenUp  rows that the router went on without an answer for
 * @param open     rows that the router still awaits
 * @param lost     rows of which the router never heard
 */
record RowLedger(
        List<Long> served,
        List<Long> computed,
        List<Long> unused,
        List<Long> givenUp,
        List<Long> open,
        List<Long> lost) {
    /** Experts that see each row. */
    private static final int EXPERTS_PER_TOKEN = 2;

    /** Far longer than a node takes for the rows of its queue. */
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(30);

    static RowLedger of(final TestServer server) {
        return of(server.ops());
    }

    /**
     * Waits until no answer is open, which late answers to hedged shards may be for a while, and takes the books then.
     */
    static RowLedger of(final JsonClient ops) {
        awaitSettled(ops);
        return awaitSettled(ops); // asked for anew: the nodes may have reported before the router did
    }

    private static RowLedger awaitSettled(final JsonClient ops) {
        final List<JsonNode> seen = new ArrayList<>();
        Await.until(
                "all members report, and every answer that the router asked for has come",
                SETTLE_LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    seen.add(ops.read("/admin/v1/cluster"));
                    return seen.getLast().get("complete").booleanValue()
                            && of(seen.getLast()).isSettled();
                },
                () -> seen.getLast().toString());
        return of(seen.getLast());
    }

    private static RowLedger of(final JsonNode cluster) {
        final JsonNode router = cluster.at("/routers/0");
        final List<Long> computed = longs(router.get("rowsByLayer"));
        final long[] served = new long[computed.size()];
        for (final JsonNode node : cluster.get("nodes")) {
            for (final JsonNode unit : node.get("loads")) {
                served[unit.get("layer").intValue()] += unit.get("rowsServed").longValue();
            }
        }
        final JsonNode answers = router.get("answerRows");
        return new RowLedger(
                IntStream.range(0, served.length).mapToObj(i -> served[i]).toList(),
                computed,
                longs(answers.get("unused")),
                longs(answers.get("givenUp")),
                longs(answers.get("open")),
                longs(answers.get("lost")));
    }

    private static List<Long> longs(final JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::longValue)
                .toList();
    }

    private boolean isSettled() {
        return open.stream().allMatch(rows -> rows == 0);
    }

    /**
     * Nothing was lost and nothing counted twice, layer by layer: what nodes served is what the router combined and
     * dropped.
     */
    void assertBalanced() {
        assertThat(computed).isNotEmpty().allSatisfy(rows -> assertThat(rows).isPositive());
        assertThat(open).as("rows that the router awaits").containsOnly(0L);
        assertThat(lost).as("rows of which the router never heard").containsOnly(0L);
        assertThat(served)
                .as("rows served, by layer, of %s", this)
                .isEqualTo(IntStream.range(0, computed.size())
                        .mapToObj(layer ->
                                EXPERTS_PER_TOKEN * computed.get(layer) - givenUp.get(layer) + unused.get(layer))
                        .toList());
    }
}
