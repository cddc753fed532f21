package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.core.schedule.LaneFill;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.schedule.Sequence;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private static final int VOCABULARY = GoldenModel.config().vocabSize();

    private final Scheduler scheduler = new Scheduler(
            new SchedulerLimits(1, LaneFill.EVEN, 16, 8, 3, 4, false), new KvBlocks(8), new BlockHasher("m", 4));
    private final Sequences sequences = new Sequences(scheduler, new EngineMetrics());
    private final Recorder recorder = new Recorder();

    /**
     * Offered and cancelled between two looks of the engine's turn: the flag is consumed before the sequence is there.
     */
    @Test
    void shouldEndASequenceThatWasCancelledOnItsWayWhenNobodyLooksForItAnyMore() {
        final GenerationRequest request = EngineRig.greedy(EngineRig.prompt(4), 10);
        final Ticket ticket = new Ticket(request, recorder, new SamplingPlan(request, VOCABULARY), () -> {});
        ticket.cancel();
        assertThat(sequences.endCancelled()).as("it isn't there yet").isZero();

        sequences.add(
                ticket,
                new Sequence(
                        0,
                        request,
                        recorder,
                        ticket.sampling,
                        RopeTables.build(GoldenModel.config(), RopeTable.Kind.SHORT, 64)));

        assertThat(recorder.finished).isEqualTo(FinishReason.CANCELLED);
        assertThat(sequences.isEmpty()).isTrue();
        assertThat(scheduler.waitingCount()).isZero();
        assertThat(scheduler.takeLeftQueue())
                .as("it counts no more as one that waits")
                .isEqualTo(1);
    }
}
