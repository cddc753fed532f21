package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/**
 * Makes the kernels of one device. Loading packs weights and may take seconds; it runs on the device thread. The views
 * handed in may be closed once the call returns.
 */
public interface Kernels extends AutoCloseable {
    /** For people: {@code reference} or {@code oneDNN 3.11, 2 threads, avx512_core_bf16}. */
    String description();

    /**
     * What decides the last bits of results. Kernels with the same text give the same bits, on any processor; so
     * replicas, and routers that are to be taken for the same, must have the same.
     */
    default String numerics(final Precision precision) {
        return description();
    }

    /**
     * What decides the last bits of an expert's results. The nodes of a cluster must have the same; a router whose own
     * kernels are others may use them.
     */
    default String expertNumerics(final Precision precision) {
        return numerics(precision);
    }

    /** What decides the last bits of what a router computes: all but the experts. */
    default String routerNumerics(final Precision precision) {
        return numerics(precision);
    }

    /**
     * @param maxRows the most rows one {@link ExpertKernel#forward} call may hold
     */
    ExpertKernel loadExpert(ModelConfig config, Precision precision, UnitWeights weights, int maxRows);

    /**
     * @param kv      size of the KV cache to allocate
     * @param maxRows the most rows of one step
     */
    RouterKernel loadRouter(ModelConfig config, Precision precision, RouterWeights weights, KvLayout kv, int maxRows);

    /**
     * Bytes that the cache of {@link #loadRouter} takes for one block, all layers and the layout's padding included:
     * what {@link RouterKernel#kvBytes} gives for a pool of one.
     *
     * @param tokensPerBlock positions in one block; a power of two
     */
    long kvBlockBytes(ModelConfig config, Precision precision, int tokensPerBlock);

    /** Frees scratch shared by the kernels made here; they must be closed before. */
    @Override
    void close();
}
