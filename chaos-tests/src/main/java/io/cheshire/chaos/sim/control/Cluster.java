package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.net.ControlNetwork;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Pekko Cluster does for us: notices who is gone, removes who is cut off, and keeps one coordinator. Removal takes
 * time; the successor of a coordinator starts only when its predecessor was removed, and members find it a little
 * later. A predecessor that stood still learns of its removal only when it goes on.
 */
public final class Cluster {
    private static final long CHECK_NS = 20 * World.MS;
    /** So many times later than others, a coordinator that is heard though it was removed learns of that. */
    private static final int ZOMBIE_LIFE = 5;

    private static final int KEPT_ONE_IN = 8;

    private final World world;
    private final ControlNetwork network;
    private final RunParameters parameters;
    private final SplittableRandom random;
    /** Not from the world's numbers: what the seeds are known for stays as it is. */
    private final SplittableRandom resets;

    private final List<SimCoordinator> coordinators = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final Map<SimProcess, SimCoordinator> proxies = new LinkedHashMap<>();
    private final Map<SimProcess, Long> unreachableSinceNs = new LinkedHashMap<>();
    private @Nullable SimCoordinator active;
    private boolean electing;
    private final boolean zombiesAreHeard;
    private long successions;
    private long removals;

    public Cluster(final World world, final ControlNetwork network, final RunParameters parameters) {
        this.world = world;
        this.network = network;
        this.parameters = parameters;
        this.random = world.newRandom();
        this.resets = new SplittableRandom(parameters.seed * 31 + 3);
        this.zombiesAreHeard = parameters.faults.zombiesAreHeard;
    }

    /** Processes that may coordinate, the first one first. */
    public void add(final SimCoordinator coordinator) {
        coordinators.add(coordinator);
    }

    public void add(final Member member) {
        members.add(member);
    }

    /** The first coordinator leads. */
    public void start() {
        lead(coordinators.getFirst());
        check();
    }

    /** Who leads, if anybody. */
    public @Nullable SimCoordinator active() {
        return active;
    }

    /** Coordinators that followed another. */
    public long successions() {
        return successions;
    }

    /** Members that were removed although they lived. */
    public long removals() {
        return removals;
    }

    /** From a member to whom it takes for the coordinator. */
    public void tell(final SimProcess from, final Consumer<SimCoordinator> message) {
        final SimCoordinator to = proxies.get(from);
        if (to != null) {
            network.send(from, to, () -> message.accept(to));
        }
    }

    /**
     * The connection between a member and whom it takes for the coordinator breaks; false where nothing was under way.
     */
    public boolean reset(final SimProcess member) {
        final SimCoordinator coordinator = proxies.get(member);
        return coordinator != null && network.reset(member, coordinator);
    }

    /** Where connections break, this one may as a router tells its coordinator that it obeys another. */
    boolean losesAcknowledgement(final SimProcess router, final long publisher) {
        final SimCoordinator to = proxies.get(router);
        return parameters.faults.has(FaultKind.CONTROL_RESET)
                && world.nowNs() < parameters.times.chaosNs
                && to != null
                && to.term() != publisher
                && resets.nextInt(KEPT_ONE_IN) != 0
                && reset(router);
    }

    /**
     * From a coordinator to a member. What a removed coordinator said isn't listened to, except in runs that want it.
     */
    public void tell(
            final SimCoordinator from, final SimProcess to, final BooleanSupplier isAlive, final Runnable effect) {
        final long term = from.term();
        network.send(from, to, () -> {
            if (isAlive.getAsBoolean() && (zombiesAreHeard || (from == active && from.term() == term))) {
                effect.run();
            }
        });
    }

    /**
     * The coordinator in office has a member's process removed: if it lives it learns of that, ends and is started
     * anew.
     */
    void down(final SimCoordinator from, final Place place) {
        if (from != active) {
            return;
        }
        for (final Member member : members) {
            if (place.isIn(member.process()) && member.process().isUp()) {
                remove(member);
            }
        }
    }

    private void remove(final Member member) {
        final SimProcess process = member.process();
        unreachableSinceNs.remove(process);
        removals++;
        world.note("cluster", () -> process.name() + " is removed");
        final long incarnation = member.incarnation();
        sayGone(member, incarnation);
        process.later(random.nextLong(parameters.times.removalMarginNs), member::removed);
    }

    /** A member's process ended; after a while the coordinator hears of it. */
    public void lifeEnded(final Member member, final long incarnation) {
        final long noticeNs = random.nextLong(20 * World.MS, parameters.times.downAfterNs);
        world.after(noticeNs, () -> sayGone(member, incarnation));
    }

    private void sayGone(final Member member, final long incarnation) {
        final SimCoordinator leader = active;
        if (leader != null) {
            leader.later(0, () -> member.tellGone(leader, incarnation));
        }
    }

    private void check() {
        judgeCoordinator();
        judgeMembers();
        world.after(CHECK_NS, this::check);
    }

    private boolean unreachableForTooLong(final SimProcess process, final boolean unreachable) {
        if (!unreachable) {
            unreachableSinceNs.remove(process);
            return false;
        }
        final Long since = unreachableSinceNs.putIfAbsent(process, world.nowNs());
        return since != null && world.nowNs() - since >= parameters.times.downAfterNs;
    }

    private void judgeCoordinator() {
        final SimCoordinator leader = active;
        if (electing || leader == null) {
            return;
        }
        final boolean lost = !leader.isRunning() || !leader.isLeading() || !hasMajority(leader);
        if (unreachableForTooLong(leader, lost)) {
            electing = true;
            unreachableSinceNs.remove(leader);
            world.note("cluster", () -> leader.name() + " is removed");
            final long term = leader.term();
            final long learnsNs =
                    random.nextLong(parameters.times.removalMarginNs) * (zombiesAreHeard ? ZOMBIE_LIFE : 1);
            // Who stood still has to be told, too.
            leader.later(0, () -> leader.later(learnsNs, () -> leader.stepDown(term)));
            world.after(parameters.times.removalMarginNs, () -> elect(leader));
        }
    }

    private boolean hasMajority(final SimProcess candidate) {
        int running = 0;
        int inTouch = 0;
        for (final Member member : members) {
            if (member.process().isRunning()) {
                running++;
                inTouch += network.areInTouch(member.process(), candidate) ? 1 : 0;
            }
        }
        return 2 * inTouch >= running;
    }

    private void elect(final SimCoordinator predecessor) {
        for (final SimCoordinator candidate : coordinators) {
            final boolean free = candidate != predecessor || !candidate.isLeading();
            if (free && candidate.isRunning() && hasMajority(candidate)) {
                electing = false;
                successions++;
                lead(candidate);
                return;
            }
        }
        world.after(CHECK_NS, () -> elect(predecessor));
    }

    private void lead(final SimCoordinator next) {
        active = next;
        next.lead();
        for (final Member member : members) {
            world.after(random.nextLong(300 * World.MS), () -> {
                if (active == next) {
                    proxies.put(member.process(), next);
                }
            });
        }
    }

    private void judgeMembers() {
        final SimCoordinator leader = active;
        if (leader == null || electing || !leader.isRunning() || !leader.isLeading()) {
            return;
        }
        for (final Member member : members) {
            final SimProcess process = member.process();
            final boolean unreachable = process.isUp() && (process.isPaused() || !network.areInTouch(process, leader));
            if (unreachableForTooLong(process, unreachable)) {
                remove(member);
            }
        }
    }
}
