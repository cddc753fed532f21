package io.cheshire.expertnode.runtime;

import io.cheshire.expertnode.core.QueuedShard;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Results that one router doesn't take yet, in the order they were computed, so that no compute slot waits for a peer.
 * Their rows still count against the router's window, which therefore bounds them, too: who doesn't read can't go on
 * asking.
 *
 * <p>A ring off heap that grows by doubling to {@code maxBytes} and is freed with {@link #close}. The node's thread
 * only.
 */
final class UnsentResults implements AutoCloseable {
    private static final long MIN_BYTES = 64 * 1024;
    private static final int ALIGNMENT_BYTES = 64;

    private final RouterLink link;
    private final int rowBytes;
    private final long maxBytes;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
    private final ArrayDeque<Piece> pool = new ArrayDeque<>();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private @Nullable Memory memory;
    private MemorySegment ring = MemorySegment.NULL;
    /** Bytes ever put and ever taken; their places are these modulo the ring's length. */
    private long putBytes;

    private long takenBytes;
    /** When the router last took some, or the first came to wait. */
    private long movedNs;

    /** What one length of the ring is allocated from. */
    private static final class Memory {
        private final Arena arena = Arena.ofShared();
    }

    /** Told what became of rows. */
    interface Outcome {
        /** They are in the channel; {@code queueNs} is what their header says. */
        void onSent(QueuedShard<RouterLink> shard, int rowCount, long queueNs);

        /** Nobody waits for them. */
        void onDropped(QueuedShard<RouterLink> shard, int rowCount);
    }

    /** Rows of one shard, one after the other in the ring. */
    private static final class Piece {
        private @Nullable QueuedShard<RouterLink> shard;
        private long startBytes;
        private int firstRow;
        private int rowCount;
        private long queueNs;
        private long computeNs;

        private QueuedShard<RouterLink> shard() {
            if (shard == null) {
                throw new IllegalStateException("piece isn't in use");
            }
            return shard;
        }
    }

    /**
     * @param rowBytes of a result row
     * @param maxBytes of all rows that wait
     */
    UnsentResults(final RouterLink link, final int rowBytes, final long maxBytes) {
        this.link = link;
        this.rowBytes = rowBytes;
        this.maxBytes = maxBytes;
    }

    RouterLink link() {
        return link;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    long bytes() {
        return putBytes - takenBytes;
    }

    /** Whether the router has taken nothing for so long. */
    boolean isStalled(final long nowNs, final long timeoutNs) {
        return !pieces.isEmpty() && nowNs - movedNs >= timeoutNs;
    }

    /**
     * Copies rows to wait.
     *
     * @param header  of the rows; not kept
     * @param results {@code [header.rowCount, hidden]} from {@code offset} on
     * @return false where there is no room for them
     */
    boolean put(
            final QueuedShard<RouterLink> shard,
            final ResultHeader header,
            final DirectBuffer results,
            final int offset,
            final long nowNs) {
        final long neededBytes = (long) header.rowCount * rowBytes;
        if (!reserve(neededBytes)) {
            return false;
        }
        if (pieces.isEmpty()) {
            movedNs = nowNs;
        }
        final Piece piece = pool.isEmpty() ? new Piece() : pool.pop();
        piece.shard = shard;
        piece.startBytes = putBytes;
        piece.firstRow = header.firstRow;
        piece.rowCount = header.rowCount;
        piece.queueNs = header.queueNs;
        piece.computeNs = header.computeNs;
        for (int row = 0; row < header.rowCount; row++) {
            view.wrap(addressOf(putBytes), rowBytes);
            view.putBytes(0, results, offset + row * rowBytes, rowBytes);
            putBytes += rowBytes;
        }
        pieces.add(piece);
        return true;
    }

    /**
     * Sends what the channel takes.
     *
     * @param header reused by the caller; all but layer, expert and the shard's names are filled in here
     * @return how many frames are gone, one way or the other
     */
    int flush(final ResultHeader header, final HeaderNames names, final Outcome outcome, final long nowNs) {
        int work = 0;
        while (!pieces.isEmpty()) {
            final Piece piece = pieces.element();
            final QueuedShard<RouterLink> shard = piece.shard();
            if (shard.isAbandoned() || !link.isUp()) {
                final int dropped = piece.rowCount;
                takenBytes = piece.startBytes + (long) dropped * rowBytes;
                recycle(pieces.remove());
                outcome.onDropped(shard, dropped);
                work++;
                continue;
            }
            final int rowCount = rowsInOnePlace(piece);
            names.fill(header, shard);
            header.firstRow = piece.firstRow;
            header.rowCount = rowCount;
            header.queueNs = piece.queueNs;
            header.computeNs = piece.computeNs;
            view.wrap(addressOf(piece.startBytes), rowCount * rowBytes);
            if (link.sendResult(header, view, 0) != SendOutcome.SENT) {
                return work;
            }
            movedNs = nowNs;
            work++;
            piece.firstRow += rowCount;
            piece.rowCount -= rowCount;
            piece.startBytes += (long) rowCount * rowBytes;
            takenBytes = piece.startBytes;
            if (piece.rowCount == 0) {
                recycle(pieces.remove());
            }
            outcome.onSent(shard, rowCount, header.queueNs);
        }
        return work;
    }

    /** Fills in what a shard itself says. */
    @FunctionalInterface
    interface HeaderNames {
        void fill(ResultHeader header, QueuedShard<RouterLink> shard);
    }

    /** Rows that a frame takes and that the ring's end doesn't part. */
    private int rowsInOnePlace(final Piece piece) {
        final long toTheEnd = (ring.byteSize() - piece.startBytes % ring.byteSize()) / rowBytes;
        return (int) Math.min(Math.min(piece.rowCount, link.resultRowsPerFrame()), toTheEnd);
    }

    private void recycle(final Piece piece) {
        piece.shard = null;
        pool.push(piece);
    }

    private long addressOf(final long atBytes) {
        return ring.address() + atBytes % ring.byteSize();
    }

    /** Makes the ring so large that the rows fit; its length is whole rows, so that none is parted. */
    private boolean reserve(final long neededBytes) {
        final long heldBytes = bytes();
        if (heldBytes + neededBytes > maxBytes) {
            return false;
        }
        if (heldBytes + neededBytes <= ring.byteSize()) {
            return true;
        }
        final long wantedBytes =
                Math.min(maxBytes, Math.max(heldBytes + neededBytes, Math.max(2 * ring.byteSize(), MIN_BYTES)));
        final Memory largerMemory = new Memory();
        final MemorySegment larger = largerMemory.arena.allocate(wantedBytes / rowBytes * rowBytes, ALIGNMENT_BYTES);
        for (long at = takenBytes; at < putBytes; at += rowBytes) {
            MemorySegment.copy(ring, at % ring.byteSize(), larger, at % larger.byteSize(), rowBytes);
        }
        free();
        memory = largerMemory;
        ring = larger;
        return true;
    }

    private void free() {
        if (memory != null) {
            memory.arena.close();
            memory = null;
        }
        ring = MemorySegment.NULL;
    }

    /** What waits is forgotten. */
    @Override
    public void close() {
        pieces.clear();
        takenBytes = putBytes;
        free();
    }
}
