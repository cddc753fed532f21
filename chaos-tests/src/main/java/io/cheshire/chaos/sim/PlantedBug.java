package io.cheshire.chaos.sim;

import java.util.Set;

/**
 * Bugs to be switched on in the seams between production cores, to see that the simulation finds them. None of them is
 * a switch in production code: they forge, drop, double or change what one core says to another.
 */
public enum PlantedBug {
    /** None: what is tested is what is shipped. */
    NONE(0),
    /** A shard whose node is lost is answered with zeros, as engines do that skip a dead expert. */
    SKIP_EXPERT(10, FaultKind.NODE_CRASH_WARM),
    /** A result frame is taken a second time, for another open shard. */
    ACCEPT_DUPLICATE(5),
    /** Shard numbers start over at every step, so that late answers fit new shards. */
    REUSE_STEP_ID(5),
    /** A result row counts twice: once as itself, once as the next one. */
    DOUBLE_COUNT_ARRIVAL(10),
    /** A refused shard is forgotten: it never goes out again. */
    DROP_PENDING_ON_NACK(40, FaultKind.COMPUTE_FAILURE),
    /** The router takes the refusals of a node whose GPU is lost for rows that couldn't be computed. */
    TAKE_LOSS_FOR_FAILURE(20, FaultKind.DEVICE_LOSS),
    /** A shard goes to a node that the placement doesn't list for its unit. */
    WRONG_REPLICA(5),
    /** The router isn't told that a node is lost. */
    IGNORE_NODE_LOSS(20, FaultKind.NODE_CRASH_WARM),
    /** The router sends without credit. */
    IGNORE_CREDIT(10),
    /** The node keeps the credit of some answered rows. */
    FORGET_CREDIT(5),
    /** The router's gate lets damaged Results pass. */
    OPEN_GATE(20, FaultKind.CORRUPTION),
    /** The router takes frames of an earlier link, and of its own earlier life, for the present one's. */
    ACCEPT_EARLIER_LINK(40, FaultKind.REPLAY, FaultKind.STRAGGLER, FaultKind.FLAPPING_LINK),
    /** The router takes the answer to an earlier Hello for one to the last. */
    ACCEPT_LATE_ANSWER(20, FaultKind.STRAGGLER, FaultKind.NODE_CRASH_WARM),
    /** What a node granted on the link before holds for a new one. */
    KEEP_OLD_CREDIT(40, FaultKind.PARTITION_DATA, FaultKind.FLAPPING_LINK),
    /** A link isn't told that its lifeline was cut. */
    HIDE_LIFELINE_CUT(20, FaultKind.LIFELINE_CUT),
    /** A Nack that finds no room is forgotten. */
    FORGET_NACK(30, FaultKind.COMPUTE_FAILURE),
    /** Every unit computes with the weights of its neighbour. */
    WRONG_WEIGHTS(5),
    /** A node says that a unit is loaded that isn't. */
    LIE_ABOUT_LOAD(60, FaultKind.FAILED_LOAD),
    /** A node uses other bytes of a unit than the cluster, and says that they were the same. */
    USE_OTHER_BYTES(40, FaultKind.OTHER_BYTES, FaultKind.NODE_CRASH_WARM),
    /** The weights of a row's two experts change places. */
    SWAP_GATE_WEIGHTS(5),
    /** The router acknowledges an epoch while shards of an older one are open. */
    ACK_EPOCH_EARLY(10, FaultKind.DRAIN),
    /** The router obeys a placement of an older epoch. */
    OBEY_OLD_EPOCH(60, FaultKind.COORDINATOR_ZOMBIE),
    /** Units are released with the publication and not after the acknowledgements. */
    RELEASE_EARLY(10, FaultKind.DRAIN),
    /** The coordinator publishes an older placement again after a newer one. */
    PUBLISH_OLD_EPOCH(5),
    /** A router's report counts as its acknowledgement of the newest epoch. */
    COUNT_REPORT_AS_ACK(40, FaultKind.DRAIN),
    /** The first router that acknowledges an epoch is the only one waited for: the others are forgotten. */
    FORGET_ROUTER(40, FaultKind.DRAIN),
    /** What was ever released is released again with every epoch. */
    RELEASE_AGAIN(40, FaultKind.DRAIN),
    /** Two routers get different placements under one epoch. */
    TWO_PLACEMENTS_ONE_EPOCH(10),
    /** What tells one coordinator's epochs from another's is missing from their numbers. */
    SHARE_EPOCH_NUMBERS(60, FaultKind.COORDINATOR_CRASH, FaultKind.COORDINATOR_ZOMBIE),
    /** The coordinator publishes as often as something changes. */
    EPOCHS_WITHOUT_LIMIT(60),
    /** A successor doesn't look at the epochs that members know. */
    FORGET_EPOCH_SEEN(20, FaultKind.COORDINATOR_CRASH),
    /** The coordinator never hears that a unit could not be loaded or was loaded. */
    LOSE_LOAD_REPORTS(20),
    /** The router isn't told that a node is back. */
    IGNORE_NODE_READY(20, FaultKind.NODE_CRASH_WARM),
    /** A router applies a placement of an older epoch than it has. */
    APPLY_OLD_EPOCH(60, FaultKind.COORDINATOR_ZOMBIE),
    /** A member doesn't introduce itself to a coordinator that asks it to. */
    IGNORE_REGISTER_AGAIN(20, FaultKind.COORDINATOR_CRASH),
    /** A node that wants to leave doesn't wait until no router uses it. */
    DRAIN_UNGRANTED(20, FaultKind.DRAIN),
    /** A router leaves without a word to the coordinator, which goes on waiting for its acknowledgements. */
    LEAVE_UNHEARD(20, FaultKind.ROUTER_LEAVE),
    /** A node says that a unit's memory is free and keeps the unit. */
    KEEP_FREED_UNIT(60, FaultKind.WISHES, FaultKind.DRAIN),
    /** Who is given a unit is chosen as if no node named its rack. */
    FORGET_RACKS(30, FaultKind.RACK_LOSS),
    /** The racks of nodes that come back are forgotten: what is repaired for them may be anywhere. */
    FORGET_RACKS_AT_RETURN(60, FaultKind.RACK_LOSS),
    /** A node that comes back in another rack is taken to be where it was. */
    KEEP_OLD_RACK(60, FaultKind.RACK_LOSS);

    private final int withinSeeds;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of's are immutable; the type doesn't say so
    private final Set<FaultKind> needs;

    PlantedBug(final int withinSeeds, final FaultKind... needs) {
        this.withinSeeds = withinSeeds;
        this.needs = Set.of(needs);
    }

    /** So many seeds, from 1 on, find it. */
    public int withinSeeds() {
        return withinSeeds;
    }

    /** Faults without which it can't show; they are on in every run that has it. */
    public Set<FaultKind> needs() {
        return needs;
    }
}
