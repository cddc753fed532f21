package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernel;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.NativeMatmul;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quantised matmuls by our native kernels, all row counts alike: a panel of outputs at a time, which goes to one thread
 * of the team. Which kernel it is, is found out for each kind of weights before the first ones are packed.
 *
 * <p>Device thread only.
 */
final class NativePanels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuantisedMatmul.class);

    private final OpenMpTeam team;
    private final Supplier<NativeKernels> kernels;
    private final Map<Quantisation, NativeKernel> byKind = new HashMap<>();
    private final NativeMatmul matmul = new NativeMatmul();
    private final GrowingBuffer biases = new GrowingBuffer();
    private final OpenMpTeam.RangeTask panels = this::panels;
    private boolean wrong;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable QuantisedWeights weights;

    /** @param kernels asked for when they are needed first */
    NativePanels(final OpenMpTeam team, final Supplier<NativeKernels> kernels) {
        this.team = team;
        this.kernels = kernels;
    }

    /** Takes the first kernel with which {@code test} passes for weights of a kind; false where there is none. */
    boolean prove(final Quantisation how, final BooleanSupplier test) {
        for (final NativeKernel each : kernels.get().all()) {
            byKind.put(how, each);
            if (test.getAsBoolean()) {
                return true;
            }
            byKind.remove(how);
            wrong = true;
            LOG.warn(
                    "our native {} kernels give wrong results for {}; others compute: the same bits, more slowly",
                    each.name(),
                    Precision.of(how).word());
        }
        return false;
    }

    /** The kernel for weights of a kind; null: not by these. */
    @Nullable
    NativeKernel kernel(final Quantisation how) {
        return byKind.get(how);
    }

    /** Rows, quantised in the form that these read, times weights that were packed for {@code kernel}. */
    void run(
            final QuantisedWeights packed,
            final QuantisedInput input,
            final int rows,
            final long to,
            final int panelsPerPart) {
        final QuantisedLayout layout = packed.layout();
        weights = packed;
        matmul.rows(input.row(0), input.signedScales(), input.signedSums());
        matmul.results(bias(packed), to);
        matmul.shape(rows, layout.outputs(), layout.groups(), layout.how().group());
        team.run(layout.panels(), panelsPerPart, panels);
    }

    private long bias(final QuantisedWeights packed) {
        final float[] bias = packed.bias();
        if (bias == null) {
            return 0;
        }
        final long bytes = (long) bias.length * Float.BYTES;
        final long at = biases.atLeast(bytes);
        MemorySegment.copy(
                bias, 0, MemorySegment.ofAddress(at).reinterpret(bytes), ValueLayout.JAVA_FLOAT, 0, bias.length);
        return at;
    }

    private void panels(final int worker, final int begin, final int end) {
        final QuantisedWeights packed = weights;
        final NativeKernel kernel = packed == null ? null : packed.kernel();
        if (packed == null || kernel == null) {
            throw new IllegalStateException("no matmul is running");
        }
        final int bits = packed.layout().how().bits();
        for (int panel = begin; panel < end; panel++) {
            final long first = (long) panel * QuantisedLayout.PANEL;
            kernel.panel(bits, matmul.address(), packed.panel(panel), packed.scales(panel), first);
        }
    }

    /** For people: what computes, or is going to; empty for none. */
    String description() {
        if (!byKind.isEmpty()) {
            return "native " + byKind.values().iterator().next().name();
        }
        final NativeKernels known = kernels.get();
        return wrong || known.all().isEmpty()
                ? ""
                : "native " + known.all().getFirst().name();
    }

    /** Why there are no native kernels; empty where there are, or none are wanted. */
    String absence() {
        return wrong ? "wrong on this processor" : kernels.get().absence();
    }

    @Override
    public void close() {
        matmul.close();
        biases.close();
    }
}
