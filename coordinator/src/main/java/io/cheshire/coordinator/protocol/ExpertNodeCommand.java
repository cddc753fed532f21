package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything that may be said to an expert-node actor. */
public sealed interface ExpertNodeCommand extends ControlMessage {

    /** What a coordinator says; it carries no address, so a node's life takes it as it is. */
    sealed interface FromCoordinator extends ExpertNodeCommand {}

    /** From the coordinator: the node is a member. */
    record NodeAccepted(long publisher, long epoch) implements FromCoordinator {}

    /** From the coordinator: the node may not join; {@code retry} says whether asking again later can help. */
    record NodeRefused(String reason, boolean retry) implements FromCoordinator {}

    /** From a coordinator that doesn't know the node. */
    record RegisterNodeAgain(String reason) implements FromCoordinator {}

    /**
     * Load these units, which {@code epoch} will list. Answered one by one.
     *
     * @param known what those of them must be that others have read before; anything else isn't taken into service, and
     *              answered by {@link CoordinatorCommand.UnitDiffers}
     */
    record LoadUnits(long epoch, long publisher, List<ExpertKey> keys, List<HeldUnit> known)
            implements FromCoordinator {
        public LoadUnits {
            keys = List.copyOf(keys);
            known = List.copyOf(known);
        }
    }

    /**
     * Free these units: the epoch before {@code epoch} doesn't list them, every live router acknowledged it, and
     * {@code epoch} won't list them either. Answered one by one.
     */
    record UnloadUnits(long epoch, long publisher, List<ExpertKey> keys) implements FromCoordinator {
        public UnloadUnits {
            keys = List.copyOf(keys);
        }
    }

    /**
     * Have the unit compute one row that {@code seed} draws, when no router's rows are waiting, and say what it
     * answered: the copies of a unit answer alike, to the bit.
     */
    record ProbeUnit(long probeId, ExpertKey key, long seed) implements FromCoordinator {}

    /** Send a report at once, with this id. */
    record ReportNow(long refreshId) implements FromCoordinator {}

    /**
     * From the coordinator that accepted the node, after each of its reports: whether anything is under way.
     *
     * @param publisher       incarnation of the coordinator
     * @param epoch           epoch published last, 0 before the first
     * @param unsteadyBecause what is under way, in words for people; empty where nothing is
     */
    record Steady(long publisher, long epoch, String unsteadyBecause) implements FromCoordinator {}

    /** From the coordinator: no router uses the node any more; it may stop. */
    record LeaveGranted(long epoch) implements FromCoordinator {}

    /** From the node's own process, or an operator: leave in order. Answered when the node is stopped. */
    record Leave(String reason, ActorRef<Left> replyTo) implements ExpertNodeCommand {}
}
