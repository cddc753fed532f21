package io.cheshire.chaos.sim.hardware;

import io.cheshire.model.core.kernel.RouterKernel;

/** A router's kernels that count what they combine. */
public interface RouterCompute extends RouterKernel {
    /** Rows combined so far, per layer. */
    long[] rowsCombined();

    /** Rows that the exchange gave up as not computable. */
    long poisonedRows();
}
