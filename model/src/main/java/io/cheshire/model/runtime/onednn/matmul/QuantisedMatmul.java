package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.NativeKernel;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matmuls of rows and weights that are rounded to integers in groups (docs/model.md §7.1). Our native kernels multiply
 * all of them ({@link NativePanels}). Where there are none for the processor, few rows, which cost what reading the
 * weights costs, are multiplied by our kernels in Java; more by oneDNN's integer matmul where that is exact and fast,
 * else by its fp32 matmul, else in tiles by our own. Every way gives the same bits, and each is held against golden
 * vectors before it counts ({@link QuantisedSelfTest}): what fails is used no more, and the log says so. Threads share
 * a matmul by panels of outputs.
 *
 * <p>Device thread only; scratch is as large as the largest call so far.
 */
final class QuantisedMatmul implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuantisedMatmul.class);
    /** Rows at a time that our kernels are tested with: each of their ways, and a tile that isn't full. */
    private static final int[] OWN_ROWS = {1, 2, 3, 4};
    /** Rows that native kernels are tested with: each of their tiles, and more rows than they hold results of. */
    private static final int[] NATIVE_ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 70};
    /** Rows that oneDNN takes if it is used. */
    private static final int MANY_ROWS = 8;

    private final OpenMpTeam team;
    private final IntegerTiles tiles;
    private final NativePanels natives;
    private final boolean nativeAsked;
    private final Set<Quantisation> proved = new HashSet<>();
    private final QuantisedInput input;
    private final OpenMpTeam.RangeTask oneDnnPanels = this::oneDnnPanels;
    private final OwnPanels panels;
    private final float[][] totals;
    private final TileReduction reduction;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable QuantisedWeights weights;
    private GroupKernels own;
    private int rowCount;
    private long dst;

    QuantisedMatmul(final MatmulContext context, final QuantisedKernels kernels) {
        this(
                context,
                kernels,
                kernels == QuantisedKernels.PLAIN ? new PlainGroupKernels() : new VectorGroupKernels(),
                kernels.takesNative() ? NativeKernels::shipped : () -> NativeKernels.NONE);
    }

    /**
     * @param own     our kernels in Java, as long as they pass their test
     * @param natives asked for when they are needed first
     */
    QuantisedMatmul(
            final MatmulContext context,
            final QuantisedKernels kernels,
            final GroupKernels own,
            final Supplier<NativeKernels> natives) {
        this.team = context.team();
        this.own = own;
        this.natives = new NativePanels(team, natives);
        this.nativeAsked = kernels == QuantisedKernels.NATIVE;
        this.tiles = new IntegerTiles(context, kernels);
        this.input = new QuantisedInput(team, own);
        this.panels = new OwnPanels(team, own);
        this.totals = new float[team.threads()][QuantisedLayout.PANEL];
        this.reduction = new TileReduction(team.threads());
    }

    /**
     * Quantises and packs {@code parts} above each other; rows to be multiplied are in {@code dtype}. The first weights
     * of a kind have the kernels prove themselves.
     */
    QuantisedWeights pack(
            final int k,
            final int n,
            final Dtype dtype,
            final Quantisation how,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        prove(how);
        return packUnproved(k, n, dtype, how, parts, biases);
    }

    /** Falls back where a kernel gives other bits than the golden vectors: to the same bits, more slowly. */
    private void prove(final Quantisation how) {
        if (!proved.add(how)) {
            return;
        }
        final QuantisedSelfTest test = new QuantisedSelfTest(how);
        if (!test.passes(this, OWN_ROWS)) {
            fallBack(test);
            if (!test.passes(this, OWN_ROWS)) {
                throw test.hopeless();
            }
        }
        final boolean trusted = !(own instanceof PlainGroupKernels);
        if (trusted && natives.prove(how, () -> test.passes(this, NATIVE_ROWS))) {
            return;
        }
        if (nativeAsked) {
            LOG.warn("there are no native kernels for {}: {}; others compute", test.precision(), natives.absence());
        }
        proveOneDnn(test);
    }

    private void proveOneDnn(final QuantisedSelfTest test) {
        if (!test.passes(this, MANY_ROWS)) {
            LOG.warn("oneDNN gives wrong results for {}; our kernels compute: the same bits", test.precision());
            tiles.giveUp("its results are wrong on this processor");
        }
    }

    private void fallBack(final QuantisedSelfTest test) {
        LOG.warn(
                "our vector kernels give wrong results for {} on this processor and JVM; plain Java computes instead:"
                        + " the same bits, many times more slowly",
                test.precision());
        own = new PlainGroupKernels();
        input.use(own);
        panels.use(own);
        tiles.giveUp("vector kernels are wrong on this processor");
    }

    QuantisedWeights packUnproved(
            final int k,
            final int n,
            final Dtype dtype,
            final Quantisation how,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        final NativeKernel kernel = natives.kernel(how);
        final QuantisedLayout.Order order = kernel == null ? tiles.order(how) : QuantisedLayout.Order.FOURS;
        final QuantisedLayout layout = new QuantisedLayout(how, k, n, order);
        final QuantisedWeights packed =
                new QuantisedWeights(this, layout, dtype, PanelWeights.bias(n, parts, biases), kernel);
        try {
            QuantisedPacking.pack(packed, parts, team);
            return packed;
        } catch (final RuntimeException | Error failure) {
            packed.close();
            throw failure;
        }
    }

    /** {@code dst[rows, n] = src[rows, k] * W + bias}. */
    void run(final QuantisedWeights packed, final long src, final int rows, final long to) {
        final QuantisedLayout layout = packed.layout();
        final int panelWeights = layout.paddedInputs() * QuantisedLayout.PANEL;
        final int perPart = PanelParts.of(panelWeights);
        if (packed.kernel() != null) {
            input.fill(layout, packed.input(), src, rows, QuantisedInput.Form.SIGNED, 1);
            natives.run(packed, input, rows, to, perPart);
            return;
        }
        if (rows > OwnPanels.MOST_ROWS && tiles.prepare(layout, rows)) {
            weights = packed;
            rowCount = rows;
            dst = to;
            input.fill(layout, packed.input(), src, rows, tiles.form(), 1);
            reduction.prepare(layout, tiles.form());
            team.run(layout.panels(), perPart, oneDnnPanels);
            return;
        }
        panels.run(packed, input, src, rows, to, perPart);
    }

    private void oneDnnPanels(final int worker, final int begin, final int end) {
        final QuantisedWeights packed = current();
        final QuantisedLayout layout = packed.layout();
        final int groups = layout.groups();
        for (int panel = begin; panel < end; panel++) {
            final long bytes = tiles.panel(worker, layout, packed.panel(panel));
            reduction.expand(worker, packed.scales(panel), packed.sums(panel));
            for (int row = 0; row < rowCount; row += tiles.tileRows()) {
                final int count = Math.min(tiles.tileRows(), rowCount - row);
                final int tile = IntegerTiles.tile(count);
                final long exact = tiles.execute(worker, tile, input.row(row), bytes);
                for (int i = 0; i < count; i++) {
                    final int scalesAt = (row + i) * groups;
                    reduction.reduce(worker, exact, tile, i, input.scales, scalesAt, totals[worker]);
                    packed.write(panel, totals[worker], 0, row + i, dst);
                }
            }
        }
    }

    private QuantisedWeights current() {
        final QuantisedWeights packed = weights;
        if (packed == null) {
            throw new IllegalStateException("no matmul is running");
        }
        return packed;
    }

    /** For people: who multiplies. */
    String description() {
        if (own instanceof PlainGroupKernels) {
            return "plain Java";
        }
        final String byNative = natives.description();
        if (!byNative.isEmpty()) {
            return byNative;
        }
        final String absence = natives.absence();
        return tiles.description() + (absence.isEmpty() ? "" : "; no native kernels: " + absence);
    }

    @Override
    public void close() {
        input.close();
        natives.close();
        tiles.close();
    }
}
