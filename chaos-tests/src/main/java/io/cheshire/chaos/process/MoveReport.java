package io.cheshire.chaos.process;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Locale;

/**
 * What an experiment with moves found.
 *
 * @param seed           draws prompts and where units go
 * @param nodes          expert nodes
 * @param replicas       nodes that hold each unit
 * @param streams        streams at once
 * @param tokens         tokens of each
 * @param cores          cores of this host, which all processes share with the clients
 * @param movedUnits     units that are on another node now
 * @param undoneUnits    units that did not go where they were sent, since the coordinator was killed or a node was
 *                       silent
 * @param firstEpoch     before the first move
 * @param lastEpoch      after the last
 * @param kills          how each kill of the coordinator went
 * @param alteredStreams streams whose token ids differ from the run without moves
 * @param failedStreams  streams that ended with an error
 * @param exampleError   one of the errors, or empty
 * @param still          gaps between tokens without moves
 * @param moving         gaps between tokens while units moved
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record MoveReport(
        long seed,
        int nodes,
        int replicas,
        int streams,
        int tokens,
        int cores,
        int movedUnits,
        int undoneUnits,
        long firstEpoch,
        long lastEpoch,
        List<Kill> kills,
        int alteredStreams,
        int failedStreams,
        String exampleError,
        Quantiles still,
        Quantiles moving) {
    MoveReport {
        kills = List.copyOf(kills);
    }

    /**
     * The coordinator was killed.
     *
     * @param phase       what it was doing
     * @param epochBefore published last by it
     * @param epochAfter  published first by its successor
     * @param goneMs      from the kill until that was seen
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Kill(String phase, long epochBefore, long epochAfter, double goneMs) {}

    /** Gaps between two tokens of a stream, milliseconds. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Quantiles(int streams, double p50Ms, double p99Ms, double maxMs) {
        static Quantiles of(final Gaps gaps, final int streams) {
            return new Quantiles(streams, gaps.quantileMs(0.5), gaps.quantileMs(0.99), gaps.maxMs());
        }
    }

    /** How much longer the 99th percentile is while units move. */
    double p99Ratio() {
        return moving.p99Ms() / still.p99Ms();
    }

    /** For people. */
    String table() {
        final StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d nodes, %d replicas, %d streams of %d tokens, %d cores, seed %d%n",
                nodes,
                replicas,
                streams,
                tokens,
                cores,
                seed));
        text.append(line("without moves", still));
        text.append(line("with moves", moving));
        for (final Kill kill : kills) {
            text.append(String.format(
                    Locale.ROOT,
                    "coordinator killed in phase %s at epoch %d: epoch %d %.0f ms later%n",
                    kill.phase(),
                    kill.epochBefore(),
                    kill.epochAfter(),
                    kill.goneMs()));
        }
        text.append(String.format(
                Locale.ROOT,
                "units moved %d, undone %d, epochs %d to %d; altered streams %d, failed streams %d%s; p99 %.2f times%n",
                movedUnits,
                undoneUnits,
                firstEpoch,
                lastEpoch,
                alteredStreams,
                failedStreams,
                exampleError.isEmpty() ? "" : " (" + exampleError + ")",
                p99Ratio()));
        return text.toString();
    }

    private static String line(final String what, final Quantiles gaps) {
        return String.format(
                Locale.ROOT,
                "%s (%d streams): gap between tokens p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n",
                what,
                gaps.streams(),
                gaps.p50Ms(),
                gaps.p99Ms(),
                gaps.maxMs());
    }
}
