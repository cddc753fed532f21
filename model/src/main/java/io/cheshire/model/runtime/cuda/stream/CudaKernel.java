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
    EMBED_BF16("embed_bf16", 256, "8884"),
    EMBED_F32("embed_f32", 256, "8884"),
    COMBINE_NORM_BF16("combine_norm_bf16", 256, "888888884444"),
    COMBINE_NORM_F32("combine_norm_f32", 256, "888888884444"),
    LINEAR_R8("linear_r8", 256, "88884444"),
    LINEAR_R16("linear_r16", 256, "88884444"),
    LINEAR_T64("linear_t64", 256, "88884444"),
    LINEAR_T128("linear_t128", 256, "88884444"),
    LINEAR_F32("linear_f32", 32, "8888444"),
    ROPE_APPEND_BF16("rope_append_bf16", 128, "8888844444"),
    ROPE_APPEND_F32("rope_append_f32", 128, "8888844444"),
    NORM_GATE_BF16("norm_gate_bf16", 256, "888888444"),
    NORM_GATE_F32("norm_gate_f32", 256, "888888444"),
    ATTEND_D32_R1("attend_d32_r1", 128, "88888844444"),
    ATTEND_D32_R4("attend_d32_r4", 128, "88888844444"),
    ATTEND_D32_F32("attend_d32_f32", 128, "88888844444"),
    JOIN_D32_BF16("join_d32_bf16", 32, "8884444"),
    JOIN_D32_F32("join_d32_f32", 32, "8884444"),
    ATTEND_D64_R1("attend_d64_r1", 128, "88888844444"),
    ATTEND_D64_R4("attend_d64_r4", 128, "88888844444"),
    ATTEND_D64_F32("attend_d64_f32", 128, "88888844444"),
    JOIN_D64_BF16("join_d64_bf16", 32, "8884444"),
    JOIN_D64_F32("join_d64_f32", 32, "8884444"),
    ATTEND_D96_R1("attend_d96_r1", 128, "88888844444"),
    ATTEND_D96_R4("attend_d96_r4", 128, "88888844444"),
    ATTEND_D96_F32("attend_d96_f32", 128, "88888844444"),
    JOIN_D96_BF16("join_d96_bf16", 32, "8884444"),
    JOIN_D96_F32("join_d96_f32", 32, "8884444"),
    ATTEND_D128_R1("attend_d128_r1", 128, "88888844444"),
    ATTEND_D128_R4("attend_d128_r4", 128, "88888844444"),
    ATTEND_D128_F32("attend_d128_f32", 128, "88888844444"),
    JOIN_D128_BF16("join_d128_bf16", 32, "8884444"),
    JOIN_D128_F32("join_d128_f32", 32, "8884444"),
    ATTEND_D256_R1("attend_d256_r1", 128, "88888844444"),
    ATTEND_D256_R4("attend_d256_r4", 128, "88888844444"),
    ATTEND_D256_F32("attend_d256_f32", 128, "88888844444"),
    JOIN_D256_BF16("join_d256_bf16", 32, "8884444"),
    JOIN_D256_F32("join_d256_f32", 32, "8884444"),
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
