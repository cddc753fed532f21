package io.cheshire.model.core.kernel;

/**
 * A call of a kernel that may still be under way on its device. For the device thread. It belongs to the device, which
 * uses it again for a later call once {@link #isDone} was true.
 */
@FunctionalInterface
public interface KernelCall {
    /** Of kernels that compute on the calling thread. */
    KernelCall DONE = () -> true;

    /**
     * Whether its results are all there. Doesn't block. Throws what the call failed with. Not to be asked again after
     * true, nor after it has thrown.
     */
    boolean isDone();
}
