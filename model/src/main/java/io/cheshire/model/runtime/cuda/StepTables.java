package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.lang.foreign.MemorySegment;

/**
 * What attention must know of the rows of a lane's step, brought to the device in one copy:
 *
 * <pre>
 * places [rows]           block * tokens + slot
 * parts  [rows][2]        where a row's splits begin in scratch, and how many it sees
 * groups [at most rows]{first row, rows, first position, where its table begins}
 * rope   [rows][cos, sin][head / 2]
 * tables                  the sequences' block tables
 * </pre>
 *
 * <p>Attention runs in as many parts as its scratch, {@code mostParts} splits, asks for; {@link AttentionParts}.
 */
final class StepTables {
    private static final int PART_INTS = 2;
    private static final int GROUP_INTS = 4;
    private static final int FIRST_TABLE_INTS = 4096;

    private final RouterMemory memory;
    private final RouterCache cache;
    private final int pairCount;
    private final int window;
    private final AttentionParts parts;
    private PinnedMemory pinned;
    private DeviceBlock device;
    // Offsets in ints of the step that was filled last.
    private int partsAt;
    private int groupsAt;
    private int ropeAt;
    private int tablesAt;
    private int end;

    StepTables(final RouterMemory memory, final ModelConfig config, final RouterCache cache, final int maxRows) {
        this.memory = memory;
        this.cache = cache;
        pairCount = config.headDim() / 2;
        window = config.slidingWindow() == null ? -1 : config.slidingWindow();
        parts = new AttentionParts(maxRows, splitsAtOnce(config, cache));
        final long bytes = Integer.BYTES * (rowInts() * (long) maxRows + FIRST_TABLE_INTS);
        pinned = memory.pinned(bytes);
        device = memory.device(bytes, "a step's tables");
    }

    /** Splits that scratch must hold. */
    static int splitsAtOnce(final ModelConfig config, final RouterCache cache) {
        return AttentionParts.mostSplits(cache.positions(config));
    }

    private int rowInts() {
        return 1 + PART_INTS + GROUP_INTS + 2 * pairCount;
    }

    /** Lays out a step, which was checked, and queues its copy. The copy before must have ended. */
    void fill(final StepBatch batch) {
        reserve(batch);
        final MemorySegment to = pinned.segment();
        final int groupRows = groupRows(batch);
        parts.begin();
        end = tablesAt;
        for (int s = 0; s < batch.sequenceCount; s++) {
            final int table = end - tablesAt;
            final int blocks = Math.ceilDiv(
                    batch.firstPosition[s] + batch.rowsOf[s], cache.layout().tokensPerBlock());
            MemorySegment.copy(batch.blockTables[s], 0, to, JAVA_INT, Integer.BYTES * (long) end, blocks);
            end += blocks;
            fillRows(batch, s, to);
            for (int first = 0; first < batch.rowsOf[s]; first += groupRows) {
                fillGroup(batch, s, first, Math.min(groupRows, batch.rowsOf[s] - first), table, to);
            }
        }
        parts.end();
        memory.kernels().stream().copyToDevice(device.address(), pinned.segment(), Integer.BYTES * (long) end);
    }

    private void reserve(final StepBatch batch) {
        final int rows = batch.rowCount;
        partsAt = rows;
        groupsAt = partsAt + PART_INTS * rows;
        ropeAt = groupsAt + GROUP_INTS * rows;
        tablesAt = ropeAt + 2 * pairCount * rows;
        long ints = tablesAt;
        for (int s = 0; s < batch.sequenceCount; s++) {
            ints += Math.ceilDiv(
                    batch.firstPosition[s] + batch.rowsOf[s], cache.layout().tokensPerBlock());
        }
        final long bytes = Math.toIntExact(ints) * (long) Integer.BYTES;
        // A new one first: without memory for it the old one stays. Each by itself: what grew before the other failed
        // is there when the next step tries again.
        if (bytes > pinned.segment().byteSize()) {
            final PinnedMemory wider = memory.pinned(2 * bytes);
            memory.free(pinned);
            pinned = wider;
        }
        if (bytes > device.bytes()) {
            final DeviceBlock wider = memory.device(2 * bytes, "a step's tables");
            memory.free(device);
            device = wider;
        }
    }

    /** fp32 has no kernel for more. */
    private int groupRows(final StepBatch batch) {
        if (cache.dtype() == Dtype.F32) {
            return 1;
        }
        int most = 1;
        for (int s = 0; s < batch.sequenceCount; s++) {
            most = Math.max(most, batch.rowsOf[s]);
        }
        return most == 1 ? 1 : HeadSize.GROUP_ROWS;
    }

    private void fillRows(final StepBatch batch, final int s, final MemorySegment to) {
        final int tokens = cache.layout().tokensPerBlock();
        final RopeTable rope = batch.ropeTables[s];
        for (int i = 0; i < batch.rowsOf[s]; i++) {
            final int row = batch.firstRow[s] + i;
            final int position = batch.firstPosition[s] + i;
            to.setAtIndex(JAVA_INT, row, batch.blockTables[s][position / tokens] * tokens + position % tokens);
            final long at = Float.BYTES * (ropeAt + 2L * pairCount * row);
            final int angle = position * pairCount;
            MemorySegment.copy(rope.cos(), angle, to, JAVA_FLOAT, at, pairCount);
            MemorySegment.copy(rope.sin(), angle, to, JAVA_FLOAT, at + (long) Float.BYTES * pairCount, pairCount);
        }
    }

    private void fillGroup(
            final StepBatch batch,
            final int s,
            final int first,
            final int count,
            final int table,
            final MemorySegment to) {
        final int row = batch.firstRow[s] + first;
        final int position = batch.firstPosition[s] + first;
        int splits = 0;
        for (int i = 0; i < count; i++) {
            splits += splitsOf(position + i);
        }
        int place = parts.add(row, count, splits, (position + count - 1) / HeadSize.SPLIT_KEYS + 1);
        for (int i = 0; i < count; i++) {
            to.setAtIndex(JAVA_INT, partsAt + PART_INTS * (long) (row + i), place);
            to.setAtIndex(JAVA_INT, partsAt + PART_INTS * (long) (row + i) + 1, splitsOf(position + i));
            place += splitsOf(position + i);
        }
        final long group = groupsAt + GROUP_INTS * (parts.groups() - 1L);
        to.setAtIndex(JAVA_INT, group, row);
        to.setAtIndex(JAVA_INT, group + 1, count);
        to.setAtIndex(JAVA_INT, group + 2, position);
        to.setAtIndex(JAVA_INT, group + 3, table);
    }

    private int splitsOf(final int position) {
        final int from = window < 0 ? 0 : Math.max(0, position - window);
        return position / HeadSize.SPLIT_KEYS - from / HeadSize.SPLIT_KEYS + 1;
    }

    /** Of the step that was filled last. */
    AttentionParts parts() {
        return parts;
    }

    /** Keys before a row that it sees, or -1 for all. */
    int window() {
        return window;
    }

    long placesAddress() {
        return device.address();
    }

    long partsAddress() {
        return device.address() + Integer.BYTES * (long) partsAt;
    }

    long groupsAddress(final int group) {
        return device.address() + Integer.BYTES * (groupsAt + (long) GROUP_INTS * group);
    }

    long ropeAddress() {
        return device.address() + Integer.BYTES * (long) ropeAt;
    }

    long tablesAddress() {
        return device.address() + Integer.BYTES * (long) tablesAt;
    }
}
