package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;
import io.cheshire.model.runtime.cuda.stream.KernelArgs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A projection's weights on the device, several tensors above one another, and its biases. */
final class RouterMatrix {
    private final CudaKernels kernels;
    private final Dtype dtype;
    private final int inputs;
    private final int outputs;
    /** bf16: fragments. fp32: as they are. */
    private final DeviceBlock weights;

    private final @Nullable DeviceBlock bias;

    /**
     * @param parts  {@code [outputs of the part, inputs]} each
     * @param biases of the parts; all are there, or none
     */
    RouterMatrix(
            final RouterMemory memory,
            final Dtype dtype,
            final int inputs,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        this.kernels = memory.kernels();
        this.dtype = dtype;
        this.inputs = inputs;
        this.outputs = Math.toIntExact(
                parts.stream().mapToLong(part -> part.shape().getFirst()).sum());
        final String what = parts.getFirst().name();
        final long width = dtype == Dtype.BF16 ? Tiling.padded(inputs) : inputs;
        final long height = dtype == Dtype.BF16 ? Tiling.padded(outputs) : outputs;
        weights = memory.device(width * height * dtype.bytes(), what);
        if (dtype == Dtype.BF16) {
            pack(memory, parts, what);
        } else {
            upload(memory, parts, weights.address());
        }
        bias = biases.getFirst() == null ? null : memory.device((long) outputs * Float.BYTES, what + "'s bias");
        if (bias != null) {
            uploadBiases(memory, parts, biases, bias.address());
        }
    }

    private void pack(final RouterMemory memory, final List<TensorView> parts, final String what) {
        final DeviceBlock raw = memory.device((long) outputs * inputs * dtype.bytes(), what);
        upload(memory, parts, raw.address());
        final KernelArgs args = kernels.args()
                .address(raw.address())
                .address(weights.address())
                .number(outputs)
                .number(inputs);
        kernels.stream().launch(CudaKernel.PACK_LINEAR, Tiling.steps(outputs), 1, args);
        kernels.stream().await(kernels.stream().ticket());
        memory.free(raw);
    }

    private void upload(final RouterMemory memory, final List<TensorView> parts, final long to) {
        long at = to;
        for (final TensorView part : parts) {
            memory.upload(part, dtype, at, part.shape().getFirst(), inputs);
            at += part.elementCount() * dtype.bytes();
        }
    }

    private static void uploadBiases(
            final RouterMemory memory,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases,
            final long to) {
        long at = to;
        for (int i = 0; i < parts.size(); i++) {
            final TensorView part = biases.get(i);
            if (part == null) {
                throw new IllegalArgumentException(parts.get(i).name() + " has no bias, but its neighbours have");
            }
            memory.upload(part, Dtype.F32, at, parts.get(i).shape().getFirst());
            at += part.elementCount() * Float.BYTES;
        }
    }

    /**
     * Queues {@code to = rows * weights + bias}.
     *
     * @param rows   address of fragments, or of fp32 rows
     * @param to     address of {@code [count, outputs]} fp32
     * @param adds   to what stands there
     */
    void multiply(final long rows, final int count, final long to, final boolean adds) {
        final KernelArgs args = kernels.args()
                .address(weights.address())
                .address(rows)
                .address(bias == null ? 0 : bias.address())
                .address(to);
        if (dtype == Dtype.BF16) {
            args.number(count);
        }
        args.number(inputs).number(outputs).number(adds ? 1 : 0);
        if (dtype == Dtype.BF16) {
            final Tiling tiling = Tiling.of(count);
            kernels.stream()
                    .launch(
                            tiling.linear,
                            Math.ceilDiv(Tiling.steps(outputs), tiling.linearTiles),
                            Math.ceilDiv(count, tiling.rows),
                            args);
        } else {
            kernels.stream().launch(CudaKernel.LINEAR_F32, outputs, count, args);
        }
    }

    long bytes() {
        return weights.bytes() + (bias == null ? 0 : bias.bytes());
    }
}
