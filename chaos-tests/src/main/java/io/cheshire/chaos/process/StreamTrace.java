package io.cheshire.chaos.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client saw of one streamed answer.
 *
 * @param tokenIds   ids in order
 * @param arrivalsNs when each came, by {@link System#nanoTime()}
 * @param error      why the stream broke, or null
 */
public record StreamTrace(
        List<Integer> tokenIds,
        List<Long> arrivalsNs,
        @Nullable String error) {
    public StreamTrace {
        tokenIds = List.copyOf(tokenIds);
        arrivalsNs = List.copyOf(arrivalsNs);
    }
}
