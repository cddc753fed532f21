package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.Ledger;
import io.cheshire.benchmarks.engine.core.Tally;
import io.cheshire.expertnode.runtime.UnitKernels;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Books the calls of every kernel, and remembers each unit's, so that an engine without transport can call the very
 * same. Device thread; {@link #unitBytes} from any.
 */
final class MeasuredKernels implements Kernels, UnitKernels {
    private final Kernels kernels;
    private final LedgerBook book;
    private final AtomicLong unitBytes = new AtomicLong();
    /** By unit index; made when the first unit is loaded. Device thread. */
    private @Nullable ExpertKernel[] units = {};

    private int experts;

    MeasuredKernels(final Kernels kernels, final LedgerBook book) {
        this.kernels = kernels;
        this.book = book;
    }

    @Override
    public String description() {
        return kernels.description();
    }

    @Override
    public String numerics(final Precision precision) {
        return kernels.numerics(precision);
    }

    @Override
    public String routerNumerics(final Precision precision) {
        return kernels.routerNumerics(precision);
    }

    @Override
    public String expertNumerics(final Precision precision) {
        return kernels.expertNumerics(precision);
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        if (units.length == 0) {
            units = new ExpertKernel[config.unitCount()];
            experts = config.expertCount();
        }
        final ExpertKernel unit = new MeasuredExpert(kernels.loadExpert(config, precision, weights, maxRows));
        units[weights.key().unitIndex(experts)] = unit;
        unitBytes.addAndGet(unit.weightBytes());
        return unit;
    }

    @Override
    public ExpertKernel kernel(final int layer, final int expert) {
        final ExpertKernel unit = units[layer * experts + expert];
        if (unit == null) {
            throw new IllegalStateException("layer " + layer + " expert " + expert + " isn't loaded");
        }
        return unit;
    }

    /** Packed weights of all units. */
    long unitBytes() {
        return unitBytes.get();
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        final RouterKernel router = kernels.loadRouter(config, precision, weights, kv, maxRows);
        final long positionBytes = 2L * config.kvWidth() * precision.rowDtype().bytes();
        return new MeasuredRouter(router, book, positionBytes);
    }

    @Override
    public long kvBlockBytes(final ModelConfig config, final Precision precision, final int tokensPerBlock) {
        return kernels.kvBlockBytes(config, precision, tokensPerBlock);
    }

    @Override
    public void close() {
        kernels.close();
    }

    private final class MeasuredExpert implements ExpertKernel {
        private final ExpertKernel unit;

        private MeasuredExpert(final ExpertKernel unit) {
            this.unit = unit;
        }

        @Override
        public Dtype inputDtype() {
            return unit.inputDtype();
        }

        @Override
        public long weightBytes() {
            return unit.weightBytes();
        }

        @Override
        public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            final Ledger ledger = book.current();
            ledger.charge(Activity.DEVICE_JOBS, System.nanoTime());
            unit.forward(rows, rowCount, results);
            called(ledger, rowCount);
        }

        /** What a device computes beside its thread is no time of the thread's. */
        @Override
        public KernelCall begin(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            final Ledger ledger = book.current();
            ledger.charge(Activity.DEVICE_JOBS, System.nanoTime());
            final KernelCall call = unit.begin(rows, rowCount, results);
            called(ledger, rowCount);
            return call;
        }

        private void called(final Ledger ledger, final int rowCount) {
            ledger.charge(Activity.EXPERT_COMPUTE, System.nanoTime());
            ledger.add(Tally.UNIT_CALLS, 1);
            ledger.add(Tally.UNIT_ROWS, rowCount);
            ledger.add(Tally.UNIT_BYTES, unit.weightBytes());
        }

        @Override
        public void close() {
            unit.close();
        }
    }
}
