package io.cheshire.model.runtime.cuda.stream;

import java.util.List;

/** The kernels of {@code model/src/main/cuda}: name, threads of a block and bytes of each parameter, a digit each. */
public enum CudaKernel {
    PACK_ROWS("pack_rows", 256, "8844"),
    PACK_GATE_UP("pack_gate_up", 256, "88844"),
    PACK_LINEAR("pack_linear", 256, "8844"),
    GATE_UP_R8("gate_up_r8", 256, "888444"),
    GATE_UP_R16("gate_up_r16", 256, "888444"),
    GATE_UP_T64("gate_up_t64", 256, "888444"),
    GATE_UP_T128("gate_up_t128", 256, "888444"),
    DOWN_R8("down_r8", 256, "888444"),
    DOWN_R16("down_r16", 256, "888444"),
    DOWN_T64("down_t64", 256, "888444"),
    DOWN_T128("down_t128", 256, "888444"),
    GATE_UP_F32("gate_up_f32", 32, "888844"),
    DOWN_F32("down_f32", 32, "88844"),
    TICKET("ticket", 32, "84");

    private final String symbol;
    private final int threads;
    private final String parameterBytes;

    CudaKernel(final String symbol, final int threads, final String parameterBytes) {
        this.symbol = symbol;
        this.threads = threads;
        this.parameterBytes = parameterBytes;
    }

    public String symbol() {
        return symbol;
    }

    /** Of a block. */
    public int threads() {
        return threads;
    }

    int parameterCount() {
        return parameterBytes.length();
    }

    public List<Integer> parameterBytes() {
        return parameterBytes.chars().mapToObj(digit -> digit - '0').toList();
    }
}
