package io.cheshire.planner.protocol.run;

import io.cheshire.model.protocol.calibration.Calibration;

/**
 * One cluster to simulate: its size, its routers' limits, what it runs on and how it comes back.
 *
 * @param hosts    where its processes are
 * @param link     between routers and nodes
 * @param recovery who is started again, and when
 */
public record CellPlan(Size size, RouterLimits limits, Hosts hosts, Link link, Recovery recovery) {
    /**
     * How large it is.
     *
     * @param replicas copies of each unit
     * @param racks    failure domains that nodes are dealt to; 0: none is known
     */
    public record Size(int nodes, int replicas, int routers, int racks) {
        public Size {
            if (nodes < 1 || replicas < 1 || replicas > nodes || routers < 1 || racks < 0 || racks > nodes) {
                throw new IllegalArgumentException(nodes + " nodes, " + replicas + " replicas, " + routers
                        + " routers, " + racks + " racks: at least one node and router, and no more replicas or racks"
                        + " than nodes");
            }
        }
    }

    /**
     * What {@code cheshire.router.engine} says, by the same names.
     *
     * @param isPacked {@code lane-fill = packed}: one lane after the other
     */
    public record RouterLimits(
            int lanes,
            boolean isPacked,
            int maxRowsPerStep,
            int maxSequencesPerLane,
            int queueLimit,
            int kvBlocks,
            int blockTokens) {
        /** The product's defaults for a KV cache of so many blocks. */
        public static RouterLimits of(final int lanes, final int kvBlocks) {
            return new RouterLimits(lanes, false, 512, 64, 256, kvBlocks, 16);
        }

        /** The same, as a router fills its lanes that shares its device with its nodes: {@code cheshire serve}. */
        public RouterLimits packed() {
            return new RouterLimits(
                    lanes, true, maxRowsPerStep, maxSequencesPerLane, queueLimit, kvBlocks, blockTokens);
        }

        /** The longest sequence that fits. */
        public long kvTokens() {
            return (long) kvBlocks * blockTokens;
        }
    }

    /**
     * Where processes run.
     *
     * @param cores   of the one host that all share; 0: each process has a host of its own
     * @param threads of each process
     */
    public record Hosts(int cores, Threads threads) {
        /** Each process has its own. */
        public static Hosts own() {
            return new Hosts(0, Threads.AWAKE);
        }

        /** So many cores, 0 for hosts of their own, and threads that are always awake. */
        public static Hosts of(final int cores) {
            return new Hosts(cores, Threads.AWAKE);
        }
    }

    /** What the threads of a process do while there is nothing to do. */
    public enum Threads {
        /**
         * They look all the time: {@code idle-strategy = spin}, or one process in which one thread does everything and
         * so never waits for another.
         */
        AWAKE,
        /**
         * One thread a process, agents and device in turn, which sleeps longer and longer the longer it waits: what a
         * local cluster has.
         */
        DOZING
    }

    /**
     * A network beyond what the calibration measured.
     *
     * @param bytesPerSecond of one host's card, each way; infinite: as measured
     * @param rttNs          there and back, on top of what was measured
     */
    public record Link(double bytesPerSecond, double rttNs) {
        public static Link asMeasured() {
            return new Link(Double.POSITIVE_INFINITY, 0);
        }
    }

    /**
     * How a cluster comes back.
     *
     * @param restartNs   from the end of a process until its next start listens
     * @param removedNs   most time until the cluster says that a dead member is gone
     * @param deathNs     most time until the kernel has cut a dead process's connections
     * @param deadlineNs  of a request
     */
    public record Recovery(long restartNs, long removedNs, long deathNs, long deadlineNs) {
        /** From the end of a process until its supervisor starts it again: {@code local-cluster --restart-after 1}. */
        private static final long SUPERVISOR_NS = 1_000_000_000L;

        private static final double NINE_OF_TEN = 0.9;
        private static final double MEDIAN = 0.5;

        /** A supervisor restarts after a second, a JVM starts in another one, and the dead are removed after ten. */
        public static Recovery usual() {
            return new Recovery(2_000_000_000L, 10_000_000_000L, 30_000_000L, 600_000_000_000L);
        }

        /**
         * The same, with a death noticed as late as nine of ten were on the machine that was calibrated, and a process
         * started again as fast as half of them were.
         */
        public static Recovery of(final Calibration calibration) {
            final Recovery usual = usual();
            if (calibration.origin().assumed()) {
                return usual;
            }
            final Calibration.Quantiles deaths = calibration.spreads().get(Calibration.Spread.DETECT_DEATH);
            final Calibration.Quantiles starts = calibration.spreads().get(Calibration.Spread.RESTART);
            return new Recovery(
                    starts == null ? usual.restartNs : SUPERVISOR_NS + Math.round(at(starts, MEDIAN)),
                    usual.removedNs,
                    deaths == null ? usual.deathNs : Math.max(1_000_000L, Math.round(at(deaths, NINE_OF_TEN))),
                    usual.deadlineNs);
        }

        private static double at(final Calibration.Quantiles quantiles, final double share) {
            int i = 0;
            while (i < quantiles.probabilities().size() - 1
                    && quantiles.probabilities().get(i) < share) {
                i++;
            }
            return quantiles.ns().get(i);
        }
    }

    /** The same with another size. */
    public CellPlan with(final Size other) {
        return new CellPlan(other, limits, hosts, link, recovery);
    }

    /** The same with other limits. */
    public CellPlan with(final RouterLimits other) {
        return new CellPlan(size, other, hosts, link, recovery);
    }
}
