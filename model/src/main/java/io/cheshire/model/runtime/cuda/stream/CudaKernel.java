package io.cheshire.model.runtime.cuda.stream;

import java.util.List;

/** The kernels of {@code model/src/main/cuda}: name, threads of a block and bytes of each parameter. */
public enum CudaKernel {
    PACK_ROWS("pack_rows", 256, 8, 8, 4, 4),
    PACK_GATE_UP("pack_gate_up", 256, 8, 8, 8, 4, 4),
    PACK_LINEAR("pack_linear", 256, 8, 8, 4, 4),
    GATE_UP_R8("gate_up_r8", 256, 8, 8, 8, 4, 4, 4),
    GATE_UP_R16("gate_up_r16", 256, 8, 8, 8, 4, 4, 4),
    GATE_UP_T64("gate_up_t64", 256, 8, 8, 8, 4, 4, 4),
    GATE_UP_T128("gate_up_t128", 256, 8, 8, 8, 4, 4, 4),
    DOWN_R8("down_r8", 256, 8, 8, 8, 4, 4, 4),
    DOWN_R16("down_r16", 256, 8, 8, 8, 4, 4, 4),
    DOWN_T64("down_t64", 256, 8, 8, 8, 4, 4, 4),
    DOWN_T128("down_t128", 256, 8, 8, 8, 4, 4, 4),
    GATE_UP_F32("gate_up_f32", 32, 8, 8, 8, 8, 4, 4),
    DOWN_F32("down_f32", 32, 8, 8, 8, 4, 4),
    TICKET("ticket", 32, 8, 4);

    private final String symbol;
    private final int threads;
    private final List<Integer> parameterBytes;

    CudaKernel(final String symbol, final int threads, final Integer... parameterBytes) {
        this.symbol = symbol;
        this.threads = threads;
        this.parameterBytes = List.of(parameterBytes);
    }

    public String symbol() {
        return symbol;
    }

    /** Of a block. */
    public int threads() {
        return threads;
    }

    public List<Integer> parameterBytes() {
        return parameterBytes;
    }
}
