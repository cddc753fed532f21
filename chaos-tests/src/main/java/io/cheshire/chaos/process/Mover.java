package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Moves every unit of a cluster to another node, some at a time, and looks whether each move is finished, or undone
 * where the coordinator was killed meanwhile. One thread.
 */
final class Mover {
    private static final Duration MOVE_LIMIT = Duration.ofMinutes(2);
    /** Second copies are held for a minute, and on a busy machine another node may be in doubt before that is over. */
    private static final Duration SETTLE_LIMIT = Duration.ofMinutes(4);

    private final ClusterProcesses cluster;
    private final int replicas;
    private final int batchUnits;
    private final Random random;
    private final Consumer<String> progress;
    private long lastEpoch;

    /** A unit's way. */
    private record Way(int from, int to) {}

    /**
     * What became of the moves.
     *
     * @param finished   units that are on their new node
     * @param undone     units that did not go there, since the coordinator was killed or a node was silent
     * @param firstEpoch before the first move
     * @param lastEpoch  after the last
     * @param kills      how each kill of the coordinator went
     */
    record Outcome(int finished, int undone, long firstEpoch, long lastEpoch, List<MoveReport.Kill> kills) {}

    /** @param replicas nodes that hold each unit when nobody is in doubt */
    Mover(
            final ClusterProcesses cluster,
            final int replicas,
            final int batchUnits,
            final long seed,
            final Consumer<String> progress) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.batchUnits = batchUnits;
        this.random = new Random(seed);
        this.progress = progress;
    }

    /**
     * Moves every unit once.
     *
     * @param kills batches during which the coordinator is killed, from the first one on
     */
    Outcome moveAll(final int kills) {
        final List<MoveReport.Kill> done = new ArrayList<>();
        final ClusterLook before = awaitSteady();
        final int units = before.holders().size();
        int finished = 0;
        int undone = 0;
        for (int first = 0; first < units; first += batchUnits) {
            final int last = Math.min(units, first + batchUnits);
            final boolean kill = done.size() < kills;
            final ClusterLook asked = awaitSettled();
            final Map<Integer, Way> ways = ask(IntStream.range(first, last).toArray(), asked);
            if (kill) {
                done.add(killCoordinator());
            }
            final ClusterLook after = awaitArrived(ways, asked, kill);
            final int arrived = (int) ways.entrySet().stream()
                    .filter(way -> isAt(after, way.getKey(), way.getValue().to()))
                    .count();
            finished += arrived;
            undone += ways.size() - arrived;
            progress.accept("units " + first + " to " + (last - 1) + ": " + arrived + " moved, epoch " + after.epoch());
        }
        return new Outcome(finished, undone, before.epoch(), lastEpoch, done);
    }

    private Map<Integer, Way> ask(final int[] units, final ClusterLook asked) {
        ClusterLook look = asked;
        final Map<Integer, Way> ways = new TreeMap<>();
        for (final int unit : units) {
            final long startNs = System.nanoTime();
            Way way = wayOf(unit, look);
            for (String refusal = post(unit, look.expertsPerLayer(), way);
                    refusal != null;
                    refusal = post(unit, look.expertsPerLayer(), way)) {
                // The coordinator may have decided on the same unit since: it loads what a silent node holds elsewhere,
                // too.
                if (System.nanoTime() - startNs > MOVE_LIMIT.toNanos()) {
                    throw new IllegalStateException("unit " + unit + " was to go " + way + ", but: " + refusal);
                }
                LockSupport.parkNanos(Await.CLUSTER_POLL.toNanos());
                look = awaitSettled();
                way = wayOf(unit, look);
            }
            ways.put(unit, way);
        }
        return ways;
    }

    private Way wayOf(final int unit, final ClusterLook look) {
        final List<Integer> holders = look.holders().get(unit);
        final List<Integer> free =
                look.serving().stream().filter(node -> !holders.contains(node)).toList();
        if (holders.isEmpty() || free.isEmpty()) {
            throw new IllegalStateException("unit " + unit + " on " + holders + " has nowhere to go: nodes "
                    + look.serving() + " serve. Start more nodes than there are replicas.");
        }
        return new Way(holders.getFirst(), free.get(random.nextInt(free.size())));
    }

    /** Asks for one move; says why it was refused, or null. */
    private @Nullable String post(final int unit, final int expertsPerLayer, final Way way) {
        final Map<String, Object> body = Map.of(
                "layer",
                unit / expertsPerLayer,
                "expert",
                unit % expertsPerLayer,
                "from",
                way.from(),
                "to",
                way.to(),
                "reason",
                "an experiment");
        try {
            final JsonClient.Reply reply = cluster.ops().post("/admin/v1/cluster/moves", body);
            return reply.status() == 202 ? null : reply.text();
        } catch (final IOException failure) {
            throw new java.io.UncheckedIOException("no answer to the move " + body, failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for the move " + body, interrupted);
        }
    }

    /** Kills it now and waits for the next one to publish. */
    private MoveReport.Kill killCoordinator() {
        final String phase = look().phase();
        final long epoch = lastEpoch;
        final long killedNs = System.nanoTime();
        cluster.harm("coordinator", Harm.KILL);
        Await.until(
                "a new coordinator publishes an epoch above " + epoch,
                MOVE_LIMIT,
                Await.CLUSTER_POLL,
                () -> lookIfAnswered() != null && lastEpoch > epoch,
                () -> "epoch " + lastEpoch);
        final double ms = (System.nanoTime() - killedNs) / 1e6;
        progress.accept(
                "coordinator killed in phase " + phase + "; epoch " + lastEpoch + " after " + Math.round(ms) + " ms");
        return new MoveReport.Kill(phase, epoch, lastEpoch, ms);
    }

    /**
     * Each unit is on its new node and not on its old one. Where the coordinator was killed, or has since loaded units
     * of a silent node elsewhere, a unit may be where that left it instead.
     */
    private ClusterLook awaitArrived(final Map<Integer, Way> ways, final ClusterLook asked, final boolean killed) {
        final List<ClusterLook> looks = new ArrayList<>(List.of(awaitSteady()));
        Await.until(
                "units are where they were sent",
                MOVE_LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    final ClusterLook now = awaitSteady();
                    looks.set(0, now);
                    final boolean mayBeUndone = killed || now.lastRescue() > asked.lastRescue();
                    return ways.entrySet().stream().allMatch(entry -> {
                        final int unit = entry.getKey();
                        final Way way = entry.getValue();
                        final boolean moved = isAt(now, unit, way.to()) && !isAt(now, unit, way.from());
                        final boolean undone = !isAt(now, unit, way.to())
                                && !now.holders().get(unit).isEmpty();
                        return moved || (mayBeUndone && undone);
                    });
                },
                () -> ways + "; " + looks.getFirst());
        return looks.getFirst();
    }

    private static boolean isAt(final ClusterLook look, final int unit, final int node) {
        return look.holders().get(unit).contains(node);
    }

    private ClusterLook awaitSteady() {
        return awaitLook("the coordinator is done", MOVE_LIMIT, ClusterLook::isSteady);
    }

    /** A copy more than there should be is one that the coordinator will drop, and it may be the one that moved. */
    private ClusterLook awaitSettled() {
        return awaitLook(
                "the coordinator is done and no unit is on more nodes than " + replicas,
                SETTLE_LIMIT,
                look -> look.isSettled(replicas));
    }

    private ClusterLook awaitLook(final String what, final Duration limit, final Predicate<ClusterLook> wanted) {
        final List<ClusterLook> looks = new ArrayList<>();
        Await.until(
                what,
                limit,
                Await.CLUSTER_POLL,
                () -> {
                    final ClusterLook look = lookIfAnswered();
                    return look != null && looks.add(look) && wanted.test(look);
                },
                () -> looks.isEmpty() ? "no answer" : looks.getLast().toString());
        return looks.getLast();
    }

    /** Null where no coordinator answers, as for a while after a kill. */
    private @Nullable ClusterLook lookIfAnswered() {
        try {
            return look();
        } catch (final IllegalStateException | java.io.UncheckedIOException notNow) {
            return null;
        }
    }

    /** @throws EpochWentBack if it is lower than one seen before */
    private ClusterLook look() {
        final ClusterLook look = ClusterLook.of(cluster.ops().read("/admin/v1/cluster"));
        // A coordinator that has just begun knows of no epoch before its members have told it.
        if (look.epoch() != 0 && look.epoch() < lastEpoch) {
            throw new EpochWentBack("epoch " + look.epoch() + " after " + lastEpoch);
        }
        lastEpoch = Math.max(lastEpoch, look.epoch());
        return look;
    }

    /** What must never happen. */
    static final class EpochWentBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EpochWentBack(final String message) {
            super(message);
        }
    }
}
