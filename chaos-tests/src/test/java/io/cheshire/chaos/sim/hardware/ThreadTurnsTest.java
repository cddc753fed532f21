package io.cheshire.chaos.sim.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.runtime.device.DeviceExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class ThreadTurnsTest {
    private static final long JOB_NS = 2 * World.MS;
    private static final long IDLE_NS = 100 * World.MS;

    private final World world = new World(1, false);
    private final List<Long> turnsNs = new ArrayList<>();

    /** Looks every 100 ms; what arrives is seen 0.3 ms later. */
    private record Slow(long burstNs) implements Hardware {
        @Override
        public SimModel model() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void begin(final World begun) {}

        @Override
        public RouterCompute routerKernel(
                final SimModel model,
                final KvLayout layout,
                final BiConsumer<String, String> violate,
                final boolean swapped) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long routerJobNs(final SimProcess router, final DeviceExecutor device, final SplittableRandom random) {
            return NO_JOB;
        }

        @Override
        public long nodeJobNs(
                final SimProcess node, final DeviceExecutor device, final int slowdown, final SplittableRandom random) {
            return NO_JOB;
        }

        @Override
        public long loadNs(final int slowdown, final boolean cold, final SplittableRandom random) {
            return 0;
        }

        @Override
        public long routerTurnNs(final int work, final long idleNs) {
            return IDLE_NS;
        }

        @Override
        public long nodeTurnNs(final int work, final long idleNs) {
            return IDLE_NS;
        }

        @Override
        public long noticeNs(final long idleNs) {
            return 300 * World.US;
        }
    }

    /** A process with so many jobs for its device. */
    private final class Worker extends SimProcess {
        private final Hardware hardware;
        private final ThreadTurns turns;
        private int jobs;

        private Worker(final Hardware hardware, final int jobs) {
            super(ThreadTurnsTest.this.world, "worker", 0);
            this.hardware = hardware;
            this.jobs = jobs;
            this.turns = new ThreadTurns(
                    world,
                    this,
                    hardware,
                    new ThreadTurns.Device(
                            () -> this.jobs > 0 ? JOB_NS : Hardware.NO_JOB, () -> this.jobs-- > 0 ? 1 : 0));
            begin(0);
        }

        @Override
        public void crash(final String why) {
            end(why);
        }

        @Override
        protected long noticeNs() {
            return turns.noticeNs();
        }

        @Override
        protected void dutyCycle() {
            if (turns.isFree()) {
                turnsNs.add(world.nowNs());
                turns.turned(0);
                wake(hardware.nodeTurnNs(0, turns.idleNs()));
            }
        }
    }

    @Test
    void shouldTakeNoTurnWhileItsOneThreadIsWithTheDevice() {
        final Worker worker = new Worker(new Slow(5 * World.MS), 4);
        worker.wake(0);
        world.after(World.MS, worker::arrived);

        world.runUntil(50 * World.MS);

        // Three jobs in a row, since the third began within 5 ms; then a turn, the fourth, and a turn.
        assertThat(turnsNs).containsExactly(0L, 3 * JOB_NS, 4 * JOB_NS);
    }

    @Test
    void shouldTakeTurnsBesideADeviceThatHasAThreadOfItsOwn() {
        final Worker worker = new Worker(new Slow(-1), 2);
        worker.wake(0);
        world.after(World.MS, worker::arrived);

        world.runUntil(50 * World.MS);

        assertThat(turnsNs).containsExactly(0L, World.MS + 300 * World.US, JOB_NS, 2 * JOB_NS);
    }
}
