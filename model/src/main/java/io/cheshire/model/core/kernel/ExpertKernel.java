package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * The FFN of one loaded unit: {@code y = W2 (silu(W1 x) * (W3 x))} (docs/model.md §3).
 *
 * <p>Called by the device thread only. A row of the output depends on the same row of the input and on nothing else in
 * the batch: bit-identical for every {@code rowCount} and row index. The kernel owns its packed weights; scratch
 * belongs to the device.
 */
public interface ExpertKernel extends AutoCloseable {
    /** Format of the input rows. */
    Dtype inputDtype();

    /** Bytes of packed weights held. */
    long weightBytes();

    /**
     * Computes {@code rowCount} rows.
     *
     * @param rows     {@code [rowCount, hidden]} in {@link #inputDtype()}, off-heap, 64-byte aligned, densely packed
     * @param rowCount at least 1, at most the row capacity that the kernels were created with
     * @param results  {@code [rowCount, hidden]} fp32, off-heap, 64-byte aligned; written whole
     */
    void forward(MemorySegment rows, int rowCount, MemorySegment results);

    /**
     * Begins to compute the same. Where the device computes beside its thread the call is under way when this returns:
     * until it is done, {@code rows} and {@code results} are the device's, and the kernel must stay open. A device
     * bounds how many calls are under way at once ({@code cheshire.device.jobs-in-flight}).
     */
    default KernelCall begin(final MemorySegment rows, final int rowCount, final MemorySegment results) {
        forward(rows, rowCount, results);
        return KernelCall.DONE;
    }

    @Override
    void close();
}
