package io.cheshire.chaos.experiment.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the timeline.
 *
 * @param at      after the load's begin
 * @param kind    what is done
 * @param target  to whom
 * @param lasting for how long ({@code for} in files), or null where it is over at once
 * @param share   of packets that are lost, for {@link FaultVerb#LOSS}
 * @param delay   of each packet, for {@link FaultVerb#DELAY}
 * @param factor  how many times slower, for {@link FaultVerb#SLOW_NODE}
 * @param units   how many go elsewhere, for {@link FaultVerb#MOVE}
 */
public record PlannedFault(
        Duration at,
        FaultVerb kind,
        FaultTarget target,
        @Nullable Duration lasting,
        double share,
        Duration delay,
        int factor,
        int units) {}
