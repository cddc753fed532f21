package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.PanelRows;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matmuls of rows and weights that are rounded to integers in groups (docs/model.md §7.1). Few rows cost what reading
 * the weights costs and are multiplied by our own kernels; more by oneDNN's integer matmul where that is exact and fast,
 * else by its fp32 matmul, else in tiles by our own. Every way gives the same bits, and each is held against golden vectors before it counts
 * ({@link QuantisedSelfTest}): what fails is used no more, and the log says so. Threads share a matmul by panels of
 * outputs.
 *
 * <p>Device thread only; scratch is as large as the largest call so far.
 */
final class QuantisedMatmul implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuantisedMatmul.class);
    /** Rows at a time that our kernels are tested with: each of their ways, and a tile that isn't full. */
    private static final int[] OWN_ROWS = {1, 2, 3, 4};
    /** Rows that oneDNN takes if it is used. */
    private static final int MANY_ROWS = 8;
    /** Most rows that our kernels take at a time. */
    private static final int MOST_TILE_ROWS = 4;
    /** Weights below which waking the team costs more than it saves. */
    private static final int WEIGHTS_PER_PART = 65_536;

    private final OpenMpTeam team;
    private final IntegerTiles tiles;
    private final Set<Quantisation> proved = new HashSet<>();
    private final QuantisedInput input;
    private final OpenMpTeam.RangeTask ownPanels = this::ownPanels;
    private final OpenMpTeam.RangeTask oneDnnPanels = this::oneDnnPanels;
    private final float[][] sums;
    private final float[][] totals;
    private final TileReduction reduction;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable QuantisedWeights weights;
    private GroupKernels own;
    private int rowCount;
    private int tileRows;
    private long dst;

    QuantisedMatmul(final MatmulContext context, final QuantisedKernels kernels) {
        this(context, kernels, kernels == QuantisedKernels.PLAIN ? new PlainGroupKernels() : new VectorGroupKernels());
    }

    /** @param own our kernels, as long as they pass their test */
    QuantisedMatmul(final MatmulContext context, final QuantisedKernels kernels, final GroupKernels own) {
        this.team = context.team();
        this.own = own;
        this.tiles = new IntegerTiles(context, kernels);
        this.input = new QuantisedInput(team, own);
        this.sums = new float[team.threads()][MOST_TILE_ROWS * QuantisedLayout.PANEL];
        this.totals = new float[team.threads()][MOST_TILE_ROWS * QuantisedLayout.PANEL];
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
        tiles.giveUp("vector kernels are wrong on this processor");
    }

    QuantisedWeights packUnproved(
            final int k,
            final int n,
            final Dtype dtype,
            final Quantisation how,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        final QuantisedLayout layout = new QuantisedLayout(how, k, n, tiles.order(how));
        final QuantisedWeights packed = new QuantisedWeights(this, layout, dtype, PanelWeights.bias(n, parts, biases));
        try {
            QuantisedPacking.pack(packed, parts, team);
            return packed;
        } catch (final RuntimeException failure) {
            packed.close();
            throw failure;
        }
    }

    /** {@code dst[rows, n] = src[rows, k] * W + bias}. */
    void run(final QuantisedWeights packed, final long src, final int rows, final long to) {
        final QuantisedLayout layout = packed.layout();
        weights = packed;
        rowCount = rows;
        dst = to;
        final int panelWeights = layout.paddedInputs() * QuantisedLayout.PANEL;
        final int perPart = Math.max(1, WEIGHTS_PER_PART / panelWeights);
        if (rows > MOST_TILE_ROWS && tiles.prepare(layout, rows)) {
            input.fill(layout, packed.input(), src, rows, tiles.form(), 1);
            reduction.prepare(layout, tiles.form());
            team.run(layout.panels(), perPart, oneDnnPanels);
            return;
        }
        final boolean bytes = layout.how().bits() == Byte.SIZE;
        tileRows = rows == 1 ? 1 : rows == 2 || !bytes ? 2 : MOST_TILE_ROWS;
        final QuantisedInput.Form form = bytes ? QuantisedInput.Form.FLOATS : QuantisedInput.Form.SHORTS;
        input.fill(layout, packed.input(), src, rows, form, tileRows);
        team.run(layout.panels(), perPart, ownPanels);
    }

    private void ownPanels(final int worker, final int begin, final int end) {
        final QuantisedWeights packed = current();
        for (int panel = begin; panel < end; panel++) {
            for (int row = 0; row < rowCount; row += tileRows) {
                ownTile(packed, panel, row, sums[worker], totals[worker]);
                write(packed, panel, row, Math.min(tileRows, rowCount - row), totals[worker]);
            }
        }
    }

    private void ownTile(
            final QuantisedWeights packed, final int panel, final int row, final float[] sum, final float[] total) {
        final QuantisedLayout layout = packed.layout();
        final int group = layout.how().group();
        final int groups = layout.groups();
        final boolean bytes = layout.how().bits() == Byte.SIZE;
        final int rows = Math.min(tileRows, rowCount - row);
        Arrays.fill(total, 0, tileRows * QuantisedLayout.PANEL, 0f);
        for (int g = 0; g < groups; g++) {
            final long address = packed.panel(panel) + g * layout.groupBytes();
            final int at = row * layout.paddedInputs() + g * group * tileRows;
            final long scales = packed.scales(panel) + (long) g * QuantisedLayout.PANEL * Short.BYTES;
            if (bytes) {
                own.sumsOfBytes(layout.order(), address, input.floats, at, tileRows, group, sum);
            } else {
                final int offsetsAt = row * groups + g * tileRows;
                own.sumsOfHalves(address, input.shorts, at, tileRows, group, offsetsAt, sum);
            }
            own.add(sum, rows, input.scales, row * groups + g, groups, scales, total);
        }
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
                    write(packed, panel, row + i, 1, totals[worker]);
                }
            }
        }
    }

    private void write(
            final QuantisedWeights packed, final int panel, final int row, final int rows, final float[] from) {
        final int n = packed.layout().outputs();
        final int first = panel * QuantisedLayout.PANEL;
        final int outputs = Math.min(QuantisedLayout.PANEL, n - first);
        for (int i = 0; i < rows; i++) {
            final long to = dst + ((long) (row + i) * n + first) * Float.BYTES;
            PanelRows.write(from, i * QuantisedLayout.PANEL, packed.bias(), first, to, outputs);
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
        return own instanceof PlainGroupKernels ? "plain Java" : tiles.description();
    }

    @Override
    public void close() {
        input.close();
        tiles.close();
    }
}
