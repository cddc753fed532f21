package io.cheshire.planner.runtime.exact;

import io.cheshire.planner.core.outcome.DeviceUse;
import io.cheshire.planner.core.outcome.UseBook;
import io.cheshire.planner.protocol.run.CellPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What devices of one exact run did, once its cluster was formed. One thread. */
public final class RunBook {
    private final CellPlan.Size size;
    private final UseBook use;
    private final long[][] expertRows;
    private final long[] busyNs;

    /** Of a cluster of a model. */
    public RunBook(final CellPlan.Size size, final int layers, final int experts) {
        this.size = size;
        this.use = new UseBook(size.nodes() + size.routers());
        this.expertRows = new long[layers][experts];
        this.busyNs = new long[size.nodes() + size.routers()];
    }

    /** A host's device computes. */
    void worked(final int host, final long fromNs, final long untilNs) {
        use.add(host, fromNs, untilNs);
        busyNs[host] += untilNs - fromNs;
    }

    /** Rows of a layer chose these experts. */
    void chose(final int layer, final int[] experts, final int count) {
        for (int i = 0; i < count; i++) {
            expertRows[layer][experts[i]]++;
        }
    }

    /** How busy nodes and routers were. */
    public DeviceUse use() {
        return use.shown(Stream.concat(
                        IntStream.range(0, size.nodes()).mapToObj(node -> "node " + node),
                        IntStream.range(0, size.routers()).mapToObj(router -> "router " + router))
                .toList());
    }

    /** For how long the busiest node computed. */
    long busiestNodeNs() {
        return Arrays.stream(busyNs, 0, size.nodes()).max().orElse(0);
    }

    /** Rows by layer and expert. */
    public List<List<Long>> expertRows() {
        final List<List<Long>> all = new ArrayList<>();
        for (final long[] layer : expertRows) {
            all.add(Arrays.stream(layer).boxed().toList());
        }
        return all;
    }
}
