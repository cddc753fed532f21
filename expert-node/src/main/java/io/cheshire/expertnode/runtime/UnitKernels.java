package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;

/** Finds the kernel of a unit. Called by the device's thread. */
@FunctionalInterface
public interface UnitKernels {
    /** @throws RuntimeException when there is none */
    ExpertKernel kernel(int layer, int expert);
}
