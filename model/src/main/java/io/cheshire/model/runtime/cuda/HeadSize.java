package io.cheshire.model.runtime.cuda;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;

/** Attention's kernels for heads up to a size; shorter heads are padded with zeros, in the cache too. */
enum HeadSize {
    D32(
            32,
            CudaKernel.ATTEND_D32_R1,
            CudaKernel.ATTEND_D32_R4,
            CudaKernel.ATTEND_D32_F32,
            CudaKernel.JOIN_D32_BF16,
            CudaKernel.JOIN_D32_F32),
    D64(
            64,
            CudaKernel.ATTEND_D64_R1,
            CudaKernel.ATTEND_D64_R4,
            CudaKernel.ATTEND_D64_F32,
            CudaKernel.JOIN_D64_BF16,
            CudaKernel.JOIN_D64_F32),
    D96(
            96,
            CudaKernel.ATTEND_D96_R1,
            CudaKernel.ATTEND_D96_R4,
            CudaKernel.ATTEND_D96_F32,
            CudaKernel.JOIN_D96_BF16,
            CudaKernel.JOIN_D96_F32),
    D128(
            128,
            CudaKernel.ATTEND_D128_R1,
            CudaKernel.ATTEND_D128_R4,
            CudaKernel.ATTEND_D128_F32,
            CudaKernel.JOIN_D128_BF16,
            CudaKernel.JOIN_D128_F32),
    D256(
            256,
            CudaKernel.ATTEND_D256_R1,
            CudaKernel.ATTEND_D256_R4,
            CudaKernel.ATTEND_D256_F32,
            CudaKernel.JOIN_D256_BF16,
            CudaKernel.JOIN_D256_F32);

    /** Rows of one sequence that share loads of keys. */
    static final int GROUP_ROWS = 4;
    /** Heads of one block of threads. */
    static final int BLOCK_HEADS = 4;
    /** Keys of a split; splits are counted from position 0. */
    static final int SPLIT_KEYS = 256;

    /** Elements from one head to the next. */
    final int stride;

    private final CudaKernel oneRow;
    private final CudaKernel fourRows;
    private final CudaKernel fp32;
    private final CudaKernel joinBf16;
    private final CudaKernel joinFp32;

    HeadSize(
            final int stride,
            final CudaKernel oneRow,
            final CudaKernel fourRows,
            final CudaKernel fp32,
            final CudaKernel joinBf16,
            final CudaKernel joinFp32) {
        this.stride = stride;
        this.oneRow = oneRow;
        this.fourRows = fourRows;
        this.fp32 = fp32;
        this.joinBf16 = joinBf16;
        this.joinFp32 = joinFp32;
    }

    /** @throws IllegalArgumentException there are no kernels for heads of that size */
    static HeadSize of(final ModelConfig config) {
        for (final HeadSize size : values()) {
            if (config.headDim() <= size.stride) {
                return size;
            }
        }
        throw new IllegalArgumentException("the GPU's kernels know heads of up to " + D256.stride
                + " elements; this model's have " + config.headDim()
                + ": choose cheshire.device.router-kernels = onednn");
    }

    /** Most rows of a group are one where nobody has a second row. */
    CudaKernel attend(final Dtype dtype, final int groupRows) {
        if (dtype == Dtype.F32) {
            return fp32;
        }
        return groupRows == 1 ? oneRow : fourRows;
    }

    CudaKernel join(final Dtype dtype) {
        return dtype == Dtype.F32 ? joinFp32 : joinBf16;
    }
}
