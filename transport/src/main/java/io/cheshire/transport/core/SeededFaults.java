package io.cheshire.transport.core;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Faults drawn from a seed, per node and direction: the same seed and the same frames give the same faults. Faults may
 * be changed from any thread while frames flow; the rest runs on the channel's thread. Frames held back are copies, at
 * most {@value #MAX_HELD} of them; past that the oldest due goes first.
 */
public final class SeededFaults implements FrameHook {
    private static final int MAX_HELD = 4096;

    private final Map<Way, LinkFaults> faults = new ConcurrentHashMap<>();
    private final PriorityQueue<Held> held = new PriorityQueue<>();
    private final SplittableRandom random;
    private final AtomicLong injected = new AtomicLong();
    private long heldCount;

    public SeededFaults(final long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Sets what goes wrong on one way of one node from now on. */
    public void set(final int nodeId, final Direction direction, final LinkFaults linkFaults) {
        faults.put(new Way(nodeId, direction), linkFaults);
    }

    /** Everything works again; frames held back still come. */
    public void heal() {
        faults.clear();
    }

    /** Faults done to frames so far: a test proves by it that something happened. */
    public long injectedCount() {
        return injected.get();
    }

    @Override
    public void onFrame(
            final int nodeId,
            final Direction direction,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long nowNs,
            final Sink sink) {
        final LinkFaults faultsHere = faults.getOrDefault(new Way(nodeId, direction), LinkFaults.NONE);
        if (faultsHere.partitioned() || hits(faultsHere.dropRate())) {
            injected.incrementAndGet();
            return;
        }
        final int copies = hits(faultsHere.duplicateRate()) ? 2 : 1;
        if (copies == 2) {
            injected.incrementAndGet();
        }
        for (int i = 0; i < copies; i++) {
            passOne(nodeId, direction, buffer, offset, length, nowNs, faultsHere, sink);
        }
    }

    @Override
    public int poll(final long nowNs, final Sink sink) {
        int count = 0;
        while (!held.isEmpty() && (held.peek().dueNs - nowNs <= 0 || held.size() > MAX_HELD)) {
            held.remove().passTo(sink);
            count++;
        }
        return count;
    }

    private void passOne(
            final int nodeId,
            final Direction direction,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long nowNs,
            final LinkFaults faultsHere,
            final Sink sink) {
        final boolean corrupts = hits(faultsHere.corruptRate());
        final boolean reorders = hits(faultsHere.reorderRate());
        final long delayNs = faultsHere.delayNs()
                + (faultsHere.jitterNs() == 0 ? 0 : random.nextLong(faultsHere.jitterNs() + 1))
                + (reorders ? 1 : 0);
        if (!corrupts && delayNs == 0) {
            sink.onFrame(nodeId, direction, buffer, offset, length);
            return;
        }
        injected.incrementAndGet();
        final byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        if (corrupts) {
            final int bit = random.nextInt(length * Byte.SIZE);
            copy[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
        }
        final Held frame = new Held(nowNs + delayNs, heldCount++, nodeId, direction, copy);
        if (delayNs == 0) {
            frame.passTo(sink);
        } else {
            held.add(frame);
        }
    }

    private boolean hits(final double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private record Way(int nodeId, Direction direction) {}

    private static final class Held implements Comparable<Held> {
        private final long dueNs;
        private final long order;
        private final int nodeId;
        private final Direction direction;
        private final byte[] frame;

        private Held(
                final long dueNs, final long order, final int nodeId, final Direction direction, final byte[] frame) {
            this.dueNs = dueNs;
            this.order = order;
            this.nodeId = nodeId;
            this.direction = direction;
            this.frame = frame;
        }

        private void passTo(final Sink sink) {
            final ByteBuffer direct = ByteBuffer.allocateDirect(frame.length);
            direct.put(0, frame);
            sink.onFrame(nodeId, direction, new UnsafeBuffer(direct), 0, frame.length);
        }

        @Override
        public int compareTo(final Held other) {
            final long difference = dueNs - other.dueNs;
            return difference != 0 ? Long.signum(difference) : Long.compare(order, other.order);
        }
    }
}
