package io.cheshire.chaos.sim.parameters;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Which families of faults a run has: one alone in some, many in most. */
public final class FaultChoice {
    private static final int OTHER_BYTES_ONE_IN = 5;
    private static final int ZOMBIE_ONE_IN = 6;
    private static final int APART_ONE_IN = 3;

    private final Set<FaultKind> drawn = EnumSet.noneOf(FaultKind.class);
    private final Draws draws;
    private final PlantedBug bug;

    /** All that there are. */
    public final Set<FaultKind> kinds = Collections.unmodifiableSet(drawn);

    /** Members still listen to a coordinator that the cluster removed. */
    public final boolean zombiesAreHeard;

    /** None at all. */
    FaultChoice() {
        this.draws = new Draws(0);
        this.bug = PlantedBug.NONE;
        zombiesAreHeard = false;
    }

    FaultChoice(final Draws draws, final PlantedBug bug) {
        this.draws = draws;
        this.bug = bug;
        drawEarlier();
        drawn.addAll(bug.needs());
        if (many() && draws.apart(7).nextInt(ZOMBIE_ONE_IN) == 0) {
            drawn.add(FaultKind.COORDINATOR_ZOMBIE);
        }
        zombiesAreHeard = has(FaultKind.COORDINATOR_ZOMBIE)
                && (draws.coin(0.3)
                        || draws.apart(5).nextInt(4) != 0
                        || bug == PlantedBug.OBEY_OLD_EPOCH
                        || bug == PlantedBug.APPLY_OLD_EPOCH);
    }

    /** Whether the run has the family. */
    public boolean has(final FaultKind kind) {
        return drawn.contains(kind);
    }

    private boolean many() {
        return drawn.size() > 1;
    }

    private void drawEarlier() {
        final List<FaultKind> earlier = FaultKind.EARLIER;
        if (draws.coin(0.2)) {
            drawn.add(earlier.get(draws.below(earlier.size())));
            return;
        }
        final double share = 0.1 + draws.share() * 0.6;
        for (final FaultKind kind : earlier) {
            if (draws.coin(share)) {
                drawn.add(kind);
            }
        }
    }

    /** What was thought of later is drawn last, so that every seed keeps what it meant before. */
    void drawLater() {
        if (many()) { // some runs have one family alone
            for (final FaultKind kind : FaultKind.LATER) {
                if (draws.coin(0.25)) {
                    drawn.add(kind);
                }
            }
        } else if (draws.coin(0.3)) {
            drawn.clear();
            drawn.add(FaultKind.LATER.get(draws.below(FaultKind.LATER.size())));
            drawn.addAll(bug.needs());
        }
    }

    void drawLifelineCut() {
        if (many() && draws.coin(0.25)) {
            drawn.add(FaultKind.LIFELINE_CUT);
        }
    }

    /** Not from the same numbers: what the other seeds are known for stays as it is. */
    void drawOtherBytes() {
        if (bug == PlantedBug.NONE && many() && new SplittableRandom(~draws.seed()).nextInt(OTHER_BYTES_ONE_IN) == 0) {
            drawn.add(FaultKind.OTHER_BYTES);
        }
    }

    /** Each of these in a third of the runs that have several. */
    void drawApart(final SplittableRandom apart, final FaultKind... kinds) {
        for (final FaultKind kind : kinds) {
            if (apart.nextInt(APART_ONE_IN) == 0 && many()) {
                drawn.add(kind);
            }
        }
    }

    /** In half of the runs that have racks, one may be lost. */
    void drawRackLoss(final SimRacks racks) {
        if (racks.count() > 0 && many() && draws.apart(59).nextBoolean()) {
            drawn.add(FaultKind.RACK_LOSS);
        }
    }

    /** What zombies need to be heard above their successors. */
    void addForZombies() {
        if (zombiesAreHeard) {
            drawn.add(FaultKind.CONTROL_RESET);
        }
    }
}
