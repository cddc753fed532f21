package io.cheshire.model.runtime.cuda.nvml;

/** Who knows how one GPU is. A call may take milliseconds, and hang with a broken GPU: not for agents or actors. */
public interface GpuHealth extends AutoCloseable {
    /**
     * How it is now.
     *
     * @throws NvmlException the GPU is gone, or nobody answers for it any more: don't ask again
     */
    GpuReading read();

    @Override
    void close();
}
