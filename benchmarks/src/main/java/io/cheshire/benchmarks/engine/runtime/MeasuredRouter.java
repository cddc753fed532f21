package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.Ledger;
import io.cheshire.benchmarks.engine.core.Tally;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterStage;
import io.cheshire.model.core.kernel.StepBatch;

/** Books the stages of the router's kernels. Device thread. */
final class MeasuredRouter implements RouterKernel {
    private final RouterKernel router;
    private final LedgerBook book;
    private final long positionBytes;

    /** @param positionBytes of the key and the value of one position in one layer */
    MeasuredRouter(final RouterKernel router, final LedgerBook book, final long positionBytes) {
        this.router = router;
        this.book = book;
        this.positionBytes = positionBytes;
        router.listen(stage -> book.current().charge(activity(stage), System.nanoTime()));
    }

    private static Activity activity(final RouterStage stage) {
        return switch (stage) {
            case EMBED -> Activity.EMBED;
            case COMBINE, FINAL_COMBINE -> Activity.COMBINE;
            case QKV -> Activity.QKV;
            case APPEND -> Activity.APPEND;
            case ATTEND -> Activity.ATTEND;
            case OUTPUT -> Activity.OUTPUT;
            case GATE -> Activity.GATE;
            case HEAD -> Activity.HEAD;
        };
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        final Ledger ledger = enter();
        router.embed(batch, lane);
        ledger.charge(Activity.EMBED, System.nanoTime());
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        final Ledger ledger = enter();
        router.attention(layer, batch, lane);
        ledger.charge(Activity.ATTEND, System.nanoTime()); // all of it where the kernel tells of no stages
        ledger.add(Tally.LAYER_CALLS, 1);
        ledger.add(Tally.LAYER_ROWS, batch.rowCount);
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            ledger.add(Tally.KV_BYTES, positionBytes * (batch.firstPosition[slot] + batch.rowsOf[slot]));
        }
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        final Ledger ledger = enter();
        router.logits(batch, lane);
        ledger.charge(Activity.HEAD, System.nanoTime());
        ledger.remainderIs(Activity.SAMPLING);
        ledger.add(Tally.STEPS, 1);
        ledger.add(Tally.HEAD_ROWS, batch.logitsRowCount);
    }

    private Ledger enter() {
        final Ledger ledger = book.current();
        ledger.charge(Activity.DEVICE_JOBS, System.nanoTime());
        return ledger;
    }

    @Override
    public KvLayout kvLayout() {
        return router.kvLayout();
    }

    @Override
    public long weightBytes() {
        return router.weightBytes();
    }

    @Override
    public long kvBytes() {
        return router.kvBytes();
    }

    @Override
    public void close() {
        router.close();
    }
}
