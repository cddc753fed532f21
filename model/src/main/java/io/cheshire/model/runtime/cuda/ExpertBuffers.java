package io.cheshire.model.runtime.cuda;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import org.agrona.CloseHelper;

/**
 * Where a block of rows is on its way through an expert: of one call at a time, whatever its expert. Sized by the
 * widest expert that was loaded.
 *
 * @param rows      pinned: rows in, row-major
 * @param packed    on the device: rows as fragments; fp32 doesn't need them
 * @param activated on the device: what the first half gives
 * @param results   pinned: fp32 results out
 */
record ExpertBuffers(PinnedMemory rows, DeviceBlock packed, DeviceBlock activated, PinnedMemory results)
        implements AutoCloseable {
    /** Longer batches are cut, so that this is bounded; at this length a kernel is at its best anyway. */
    static final int MAX_BLOCK_ROWS = 512;

    static ExpertBuffers of(
            final DeviceContext context, final int rowCount, final int hidden, final int ffn, final Dtype dtype) {
        final long padded = Tiling.padded(rowCount);
        PinnedMemory rows = null;
        DeviceBlock packed = null;
        DeviceBlock activated = null;
        try {
            rows = new PinnedMemory(context, (long) rowCount * hidden * dtype.bytes());
            packed = new DeviceBlock(context, padded * Tiling.padded(hidden) * dtype.bytes(), "packed rows");
            activated = new DeviceBlock(context, padded * Tiling.padded(ffn) * dtype.bytes(), "activations");
            final PinnedMemory results = new PinnedMemory(context, (long) rowCount * hidden * Float.BYTES);
            return new ExpertBuffers(rows, packed, activated, results);
        } catch (final RuntimeException | Error failure) {
            // Nobody else would: a node whose device is full tries one load after another.
            CloseHelper.closeAll(activated, packed, rows);
            throw failure;
        }
    }

    /** Whether an expert of these sizes fits in. */
    boolean hold(final int rowCount, final int hidden, final int ffn, final Dtype dtype) {
        final long padded = Tiling.padded(rowCount);
        return rows.segment().byteSize() >= (long) rowCount * hidden * dtype.bytes()
                && packed.bytes() >= padded * Tiling.padded(hidden) * dtype.bytes()
                && activated.bytes() >= padded * Tiling.padded(ffn) * dtype.bytes()
                && results.segment().byteSize() >= (long) rowCount * hidden * Float.BYTES;
    }

    @Override
    public void close() {
        rows.close();
        packed.close();
        activated.close();
        results.close();
    }
}
