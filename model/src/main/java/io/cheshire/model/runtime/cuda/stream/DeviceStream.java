package io.cheshire.model.runtime.cuda.stream;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.runtime.cuda.ffi.CudaDriver;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;

/**
 * A queue of a device: copies and kernels run one after another, in the order given. A ticket is a number that the
 * stream writes into the host's memory once all before it is done, so that its end is seen by a read, with no call of
 * the driver. A stream that failed never writes; so the driver is asked now and then, too. Device thread.
 */
public final class DeviceStream {
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final DeviceContext context;
    private final CudaDriver driver;
    private final KernelModule module;
    private final NanoClock clock;
    private final long hangTimeoutNs;
    private final Arena arena = Arena.ofShared();
    private final KernelArgs ticketArgs = new KernelArgs(arena);
    private final PinnedMemory flag;
    private final MemorySegment stream;
    private boolean writesValues;
    private int lastTicket;
    /** Whether somebody waits, the ticket that had been seen then, and since when none came. */
    private boolean isWatched;

    private int watchedTicket;
    private long watchedSinceNs;
    private long nextLookNs;
    private boolean seenIdle;

    /**
     * @param module        what it launches
     * @param priority      0, or less: what it has is done before what streams of higher numbers have
     * @param hangTimeoutNs a wait that is longer never ends
     */
    public DeviceStream(
            final DeviceContext context,
            final KernelModule module,
            final int priority,
            final long hangTimeoutNs,
            final NanoClock clock) {
        this.context = context;
        this.driver = context.driver();
        this.module = module;
        this.hangTimeoutNs = hangTimeoutNs;
        this.clock = clock;
        context.enter();
        flag = new PinnedMemory(context, JAVA_INT.byteSize());
        flag.segment().set(JAVA_INT, 0, 0);
        stream = context.get(() -> driver.createStream(priority));
        writesValues = context.get(() -> driver.writeValue(stream, flag.deviceAddress(), 0));
    }

    /** Queues a kernel. */
    public void launch(final CudaKernel kernel, final int gridX, final int gridY, final KernelArgs args) {
        if (args.count() != kernel.parameterCount()) {
            throw new IllegalArgumentException(
                    kernel.symbol() + " has " + kernel.parameterCount() + " parameters, not " + args.count());
        }
        context.requireAlive();
        module.launched(kernel);
        try {
            driver.launch(module.function(kernel), gridX, gridY, kernel.threads(), stream, args.pointers());
        } catch (final CudaException refused) {
            throw judged(refused);
        }
    }

    /** Queues a copy of pinned memory, which must stay as it is until a later ticket is seen. */
    public void copyToDevice(final long to, final MemorySegment from, final long bytes) {
        context.run(() -> driver.copyToDevice(to, from, bytes, stream));
    }

    /** A ticket for all that was queued. */
    public int ticket() {
        context.requireAlive();
        if (isWritten(lastTicket)) {
            isWatched = false; // it was idle
        }
        final int ticket = ++lastTicket;
        try {
            if (writesValues) {
                writesValues = driver.writeValue(stream, flag.deviceAddress(), ticket);
            }
        } catch (final CudaException refused) {
            throw judged(refused);
        }
        if (!writesValues) {
            launch(
                    CudaKernel.TICKET,
                    1,
                    1,
                    ticketArgs.clear().address(flag.deviceAddress()).number(ticket));
        }
        return ticket;
    }

    /** Whether all that the ticket stands for is done. Tickets are counted modulo 2^32. */
    private boolean isWritten(final int ticket) {
        return seenTicket() - ticket >= 0;
    }

    private int seenTicket() {
        return (int) INT.getAcquire(flag.segment(), 0L);
    }

    /**
     * Whether all that the ticket stands for is done; several may be asked for in turn. Doesn't block. Now and then the
     * driver is asked as well: a stream that failed, or gets no further for too long, is a lost device. Nothing is done
     * on a device that is lost.
     */
    public boolean isDone(final int ticket) {
        context.requireAlive();
        if (isWritten(ticket)) {
            return true;
        }
        final long nowNs = clock.nanoTime();
        final int seen = seenTicket();
        if (!isWatched || seen != watchedTicket) {
            isWatched = true;
            watchedTicket = seen;
            watchedSinceNs = nowNs;
            nextLookNs = nowNs + LOOK_NS;
            seenIdle = false;
        } else if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + LOOK_NS;
            look(ticket, nowNs - watchedSinceNs);
        }
        return false;
    }

    /** Waits; for work that nothing else may overlap with. */
    public void await(final int ticket) {
        final long beganNs = clock.nanoTime();
        while (!isDone(ticket)) {
            if (clock.nanoTime() - beganNs < SPIN_NS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private void look(final int ticket, final long waitedNs) {
        final boolean busy;
        try {
            busy = driver.isBusy(stream);
        } catch (final CudaException refused) {
            throw judged(refused);
        }
        if (!busy && seenIdle && !isWritten(ticket)) {
            throw context.lose(
                    "the device has nothing left to do, but the last job's end was never seen" + module.history(),
                    null);
        }
        seenIdle = !busy; // a ticket may be on its way: it has until the next look
        if (waitedNs >= hangTimeoutNs && !isWritten(ticket)) {
            throw context.lose(
                    "a job hasn't ended in " + TimeUnit.NANOSECONDS.toMillis(waitedNs)
                            + " ms (cheshire.cuda.hang-timeout)" + module.history(),
                    null);
        }
    }

    private RuntimeException judged(final CudaException refused) {
        return context.judged(CudaException.retold(refused.getMessage() + module.history(), refused));
    }

    public void close() {
        if (!context.isLost()) {
            driver.destroyStream(stream);
            flag.close();
        }
        arena.close();
    }
}
