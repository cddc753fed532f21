package io.cheshire.model.runtime.onednn;

import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.matmul.RowTiles;
import io.cheshire.model.runtime.onednn.simd.Rows;

/**
 * Intermediate activations of an expert, shared by all experts of a device since they run one after another, and SwiGLU
 * over them.
 */
final class ExpertScratch implements AutoCloseable {
    /** Longer blocks of rows are cut, so that the scratch is bounded; at this length a matmul is at its best anyway. */
    static final int MAX_BLOCK_ROWS = 512;

    /** Below this many elements waking the team costs more than it saves. */
    private static final int ELEMENTS_PER_PART = 32_768;

    private final OpenMpTeam team;
    private final OpenMpTeam.RangeTask task = this::swiGluRows;
    private final GrowingBuffer gateUp = new GrowingBuffer();
    private final GrowingBuffer activated = new GrowingBuffer();
    private int ffn;
    private boolean bf16;

    ExpertScratch(final OpenMpTeam team) {
        this.team = team;
    }

    /** Makes room for blocks of {@code rows} rows. */
    void reserve(final int rows, final int ffnSize) {
        final long capacity = RowTiles.capacity(Math.min(rows, MAX_BLOCK_ROWS));
        gateUp.atLeast(Math.multiplyExact(capacity * 2 * Float.BYTES, (long) ffnSize));
        activated.atLeast(Math.multiplyExact(capacity * Float.BYTES, (long) ffnSize));
    }

    /** {@code [rows, 2 * ffn]} fp32: gate, then up. */
    long gateUp() {
        return gateUp.address();
    }

    /** {@code [rows, ffn]} in the precision's row format. */
    long activated() {
        return activated.address();
    }

    /** {@code activated = silu(gate) * up}. */
    void swiGlu(final int rows, final int ffnSize, final boolean toBf16) {
        ffn = ffnSize;
        bf16 = toBf16;
        team.run(rows, Math.max(1, ELEMENTS_PER_PART / ffnSize), task);
    }

    private void swiGluRows(final int worker, final int begin, final int end) {
        final long outBytes = (long) ffn * (bf16 ? Short.BYTES : Float.BYTES);
        final long halfBytes = (long) ffn * Float.BYTES;
        for (int row = begin; row < end; row++) {
            final long gate = gateUp() + row * 2L * halfBytes;
            Rows.swiGlu(gate, gate + halfBytes, activated() + row * outBytes, bf16, ffn);
        }
    }

    @Override
    public void close() {
        gateUp.close();
        activated.close();
    }
}
