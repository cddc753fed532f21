package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.planner.core.calibrate.Sample;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The kernels by themselves, with the model's own weights: units in turn, so that no cache holds one until it is
 * called again, and layers in turn likewise. The thread that makes it is its device.
 */
final class KernelTimes implements AutoCloseable {
    private static final int[] FFN_ROWS = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512};
    /** Weights of units that are loaded: more than caches hold, where the model has so much. */
    private static final long UNIT_BYTES = 512L << 20;

    private static final long KV_BYTES = 512L << 20;
    private static final int MAX_ROWS = 512;
    private static final int ALIGNMENT = 64;
    private static final List<Quantity> OF_ROUTER =
            List.of(Quantity.PROJECTIONS, Quantity.ATTENTION_DECODE, Quantity.ATTENTION_PREFILL, Quantity.HEAD);

    private final Checkpoint checkpoint;
    private final ModelConfig model;
    private final Precision precision;
    private final Kernels kernels;
    private final Arena arena = Arena.ofConfined();
    private final CalibrationBudget budget;
    private final Map<Quantity, Samples> measured = new EnumMap<>(Quantity.class);
    private final int maxBatchRows;
    private final int maxStepRows;
    private final int blockTokens;
    private final List<ExpertKernel> units = new ArrayList<>();

    KernelTimes(final ProcessConfig config, final Checkpoint checkpoint, final CalibrationBudget budget) {
        final DeviceConfig device = config.device();
        this.checkpoint = checkpoint;
        this.model = checkpoint.config();
        this.precision = config.model().precision();
        this.budget = budget;
        this.maxBatchRows = config.expertNode().maxBatchRows();
        this.maxStepRows = Math.min(MAX_ROWS, config.engine().maxRowsPerStep());
        this.blockTokens = config.engine().kv().blockTokens();
        this.kernels = new OneDnnKernels(device.threads().count(), device.bf16Matmul());
    }

    private Samples of(final Quantity quantity) {
        return measured.computeIfAbsent(quantity, none -> new Samples());
    }

    List<Sample> samples(final Quantity quantity) {
        return of(quantity).all();
    }

    /** Loading, and the FFN. */
    void units() throws InterruptedException {
        final long unitBytes =
                ParameterCounts.of(model).unit() * precision.rowDtype().bytes();
        final long count = Math.clamp(UNIT_BYTES / unitBytes, 1, model.unitCount());
        for (int unit = 0; unit < count; unit++) {
            stopIfLate();
            final ExpertKey key = new ExpertKey(unit / model.expertCount(), unit % model.expertCount());
            final long beganNs = System.nanoTime();
            units.add(kernels.loadExpert(
                    model, precision, checkpoint.digestedUnit(key).weights(), maxBatchRows));
            // The first maps files, makes scratch and is interpreted.
            if (unit >= count / 4) {
                of(Quantity.LOAD_WARM).add((double) unitBytes, 0, (double) (System.nanoTime() - beganNs));
            }
        }
        final MemorySegment rows = arena.allocate(
                (long) maxBatchRows * model.hiddenSize() * precision.rowDtype().bytes(), ALIGNMENT);
        final MemorySegment results = arena.allocate((long) maxBatchRows * model.hiddenSize() * Float.BYTES, ALIGNMENT);
        repeat(List.of(Quantity.FFN), turn -> {
            int unit = turn;
            for (final int rowCount : FFN_ROWS) {
                if (rowCount <= maxBatchRows) {
                    final ExpertKernel kernel = units.get(unit++ % units.size());
                    final long beganNs = System.nanoTime();
                    kernel.forward(rows, rowCount, results);
                    of(Quantity.FFN).add(rowCount, 0, (double) (System.nanoTime() - beganNs));
                }
            }
        });
    }

    /** A turn of everything that belongs together. */
    private interface Turn {
        void run(int number);
    }

    /** Warms up, forgets that, and then measures for its time, at least twice; an interrupted thread stops. */
    private void repeat(final List<Quantity> quantities, final Turn turn) throws InterruptedException {
        final long warmNs = System.nanoTime() + budget.kernelWarmNs();
        int number = 0;
        do {
            stopIfLate();
            turn.run(number++);
        } while (System.nanoTime() - warmNs < 0);
        quantities.forEach(quantity -> of(quantity).clear());
        final long endNs = System.nanoTime() + budget.kernelNs();
        final int least = number + 2;
        while (number < least || System.nanoTime() - endNs < 0) {
            stopIfLate();
            turn.run(number++);
        }
    }

    private static void stopIfLate() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the stage's time is over");
        }
    }

    /** Attention, projections and head. */
    void router() throws InterruptedException {
        final long tokenBytes = kernels.kvBlockBytes(model, precision, blockTokens) / blockTokens;
        final List<RouterCase> cases = RouterCase.all(model, maxStepRows, KV_BYTES / tokenBytes);
        final int blocks = cases.stream()
                .mapToInt(each -> each.sequences() * Math.ceilDiv(each.contextTokens() + each.rowsEach(), blockTokens))
                .max()
                .orElse(1);
        final KvLayout kv = new KvLayout(blocks, blockTokens);
        final int longest = cases.stream()
                .mapToInt(each -> each.contextTokens() + each.rowsEach())
                .max()
                .orElse(1);
        final RopeTables ropes = new RopeTables(model, longest);
        final StageTimes stages = new StageTimes();
        try (RouterKernel router =
                kernels.loadRouter(model, precision, checkpoint.digestedRouter().weights(), kv, maxStepRows)) {
            router.listen(stages);
            final int maxSampled =
                    cases.stream().mapToInt(RouterCase::sequences).max().orElse(1);
            final LaneBuffers lane = new LaneBuffers(arena, model, precision, maxStepRows, maxSampled);
            final List<StepBatch> batches = cases.stream()
                    .map(each -> each.batch(ropes, kv, model.vocabSize()))
                    .toList();
            repeat(OF_ROUTER, turn -> {
                for (int i = 0; i < cases.size(); i++) {
                    step(router, stages, lane, cases.get(i), batches.get(i), turn % model.layerCount());
                }
            });
        }
    }

    private void step(
            final RouterKernel router,
            final StageTimes stages,
            final LaneBuffers lane,
            final RouterCase which,
            final StepBatch batch,
            final int layer) {
        router.embed(batch, lane);
        stages.begin();
        router.attention(layer, batch, lane);
        stages.end();
        of(Quantity.PROJECTIONS).add(which.rows(), 0, stages.projectionNs());
        if (which.rowsEach() == 1) {
            of(Quantity.ATTENTION_DECODE).add(which.contexts(), which.sequences(), stages.attentionNs());
            final long beganNs = System.nanoTime();
            router.logits(batch, lane);
            of(Quantity.HEAD).add(batch.logitsRowCount, 0, (double) (System.nanoTime() - beganNs));
        } else {
            of(Quantity.ATTENTION_PREFILL).add(which.rows(), which.chunkWork(), stages.attentionNs());
        }
    }

    @Override
    public void close() {
        units.forEach(ExpertKernel::close);
        kernels.close();
        arena.close();
    }
}
