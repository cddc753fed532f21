package io.cheshire.model.runtime.onednn.simd;

/** Writes one position's key or value into a page of the KV cache. */
public final class KvRows {
    private KvRows() {}

    /**
     * Writes {@code n} floats as a column.
     *
     * @param column    the column's first element
     * @param rowStride elements from one to the next
     */
    public static void storeTransposed(
            final long from, final int n, final long column, final int rowStride, final boolean bf16) {
        if (bf16) {
            for (int i = 0; i < n; i++) {
                Lanes.setBf16(column + (long) i * rowStride * Short.BYTES, Lanes.get(from + (long) i * Float.BYTES));
            }
        } else {
            for (int i = 0; i < n; i++) {
                Lanes.set(column + (long) i * rowStride * Float.BYTES, Lanes.get(from + (long) i * Float.BYTES));
            }
        }
    }

    /** Writes {@code n} floats as a row. */
    public static void store(final long from, final int n, final long row, final boolean bf16) {
        if (bf16) {
            Rows.toBf16(from, row, n);
        } else {
            Rows.copy(from, row, n);
        }
    }
}
