package io.cheshire.chaos.sim.world;

import java.util.ArrayDeque;
import org.agrona.concurrent.NanoClock;

/**
 * A process on a host of its own: starts, dies, stands still, starts again. Its clock counts from anywhere and may jump
 * ahead, as clocks do when a virtual machine was moved. What a dead life had planned never happens; what a paused
 * process had planned happens when it goes on, in the same order.
 */
public abstract class SimProcess {
    private static final long NEVER = Long.MAX_VALUE;

    protected final World world;
    private final String name;
    private final int host;
    private final ProcessClock clock = new ProcessClock();
    private int life;
    private boolean up;
    private long pausedUntilNs = -1;
    private long nextWakeNs = NEVER;
    /** What came due while it stood still. */
    private final ArrayDeque<Runnable> overdue = new ArrayDeque<>();

    /** @param host number of the host, for the networks */
    protected SimProcess(final World world, final String name, final int host) {
        this.world = world;
        this.name = name;
        this.host = host;
    }

    private final class ProcessClock implements NanoClock {
        private long offsetNs;

        @Override
        public long nanoTime() {
            return world.nowNs() + offsetNs;
        }
    }

    public final String name() {
        return name;
    }

    public final int host() {
        return host;
    }

    /** Counts the starts. */
    public final int life() {
        return life;
    }

    /** Neither dead nor standing still. */
    public final boolean isRunning() {
        return up && !isPaused();
    }

    /** Not dead; may stand still. */
    public final boolean isUp() {
        return up;
    }

    public final boolean isPaused() {
        return up && world.nowNs() < pausedUntilNs;
    }

    /** The process's monotonic clock. */
    public final NanoClock clock() {
        return clock;
    }

    /** Time goes by unnoticed. */
    public final void jumpClock(final long ns) {
        clock.offsetNs += ns;
    }

    /** A new life begins. */
    protected final void begin(final long clockOffsetNs) {
        life++;
        up = true;
        pausedUntilNs = -1;
        nextWakeNs = NEVER;
        overdue.clear();
        clock.offsetNs = clockOffsetNs;
        world.note(name, () -> "starts (life " + life + ")");
    }

    /** The life ends, without a word to anybody. */
    protected final void end(final String why) {
        up = false;
        life++;
        world.note(name, () -> "ends: " + why);
    }

    /** Dies at once, as by SIGKILL. */
    public abstract void crash(String why);

    /** Stands still, as by SIGSTOP, until a time. */
    public final void pauseUntil(final long untilNs) {
        if (up && untilNs > pausedUntilNs) {
            pausedUntilNs = untilNs;
            world.note(name, () -> "stands still until " + untilNs / World.MS + " ms");
            world.after(untilNs - world.nowNs(), this::goOn);
        }
    }

    /** Goes on, as by SIGCONT. */
    public final void resume() {
        pausedUntilNs = Math.min(pausedUntilNs, world.nowNs());
        goOn();
    }

    private void goOn() {
        while (up && !isPaused() && !overdue.isEmpty()) {
            overdue.remove().run();
        }
    }

    /** Runs an action of this life later. */
    public final void later(final long delayNs, final Runnable action) {
        final int planned = life;
        world.after(delayNs, () -> runPlanned(planned, action));
    }

    private void runPlanned(final int planned, final Runnable action) {
        if (!up || life != planned) {
            return;
        }
        if (isPaused()) {
            overdue.add(() -> runPlanned(planned, action));
        } else {
            action.run();
        }
    }

    /** Runs an action of this life again and again. */
    public final void every(final long periodNs, final Runnable action) {
        later(periodNs, () -> {
            action.run();
            every(periodNs, action);
        });
    }

    /** Something has arrived for it: its thread sees that when it looks. */
    public final void arrived() {
        wake(noticeNs());
    }

    /** From now until its thread sees what arrives now. */
    protected long noticeNs() {
        return 0;
    }

    /** Asks for a duty cycle, at the latest after this delay. */
    public final void wake(final long delayNs) {
        final long dueNs = world.nowNs() + delayNs;
        if (!up || dueNs >= nextWakeNs) {
            return;
        }
        nextWakeNs = dueNs;
        later(delayNs, () -> wakeNow(dueNs));
    }

    private void wakeNow(final long dueNs) {
        if (dueNs == nextWakeNs) {
            nextWakeNs = NEVER;
            dutyCycle();
        }
    }

    /** What the process's thread does when it is woken; asks for the next one itself. */
    protected abstract void dutyCycle();
}
