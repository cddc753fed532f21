package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.time.Duration;
import java.util.List;

/**
 * An entry of the timeline whose targets are known.
 *
 * @param fault what the file says
 * @param nodes expert nodes that it is done to; empty for another process
 * @param who   all processes that it is done to, by name
 * @param units units to move, by index
 */
public record ResolvedFault(PlannedFault fault, List<Integer> nodes, List<String> who, List<Integer> units) {
    public ResolvedFault {
        nodes = List.copyOf(nodes);
        who = List.copyOf(who);
        units = List.copyOf(units);
    }

    /** When it is over, from the load's begin: at once, unless the file says for how long. */
    public Duration end() {
        final Duration lasting = fault.lasting();
        return lasting == null ? fault.at() : fault.at().plus(lasting);
    }

    /** For people: {@code kill expert-node-3}. */
    public String words() {
        final FaultVerb kind = fault.kind();
        final String amount = switch (kind) {
            case LOSS -> " of " + Math.round(fault.share() * 100) + " % of packets";
            case DELAY -> " of " + FileTimes.format(fault.delay());
            case SLOW_NODE -> " by " + fault.factor();
            case MOVE -> " of " + units.size() + " units";
            case KILL,
                    STOP,
                    TERMINATE,
                    DRAIN,
                    COORDINATOR_KILL,
                    ROUTER_KILL,
                    PARTITION,
                    FAILED_LOAD,
                    GPU_ERROR,
                    GPU_HANG,
                    GPU_BIT_FLIP,
                    GPU_OUT_OF_MEMORY,
                    GPU_REFUSAL -> "";
        };
        final Duration lasting = fault.lasting();
        return kind.word()
                + amount
                + (who.isEmpty() ? "" : " " + String.join(", ", who))
                + (lasting == null ? "" : " for " + FileTimes.format(lasting));
    }
}
