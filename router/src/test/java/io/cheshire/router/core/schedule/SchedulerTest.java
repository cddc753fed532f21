package io.cheshire.router.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.Scoring;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.sample.SamplingPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private static final int BLOCK = 4;
    private static final RopeTable ROPE = RopeTables.build(GoldenModel.config(), RopeTable.Kind.SHORT, 64);
    private static final GenerationListener DEAF = new GenerationListener() {
        @Override
        public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {}

        @Override
        public void onToken(final int index, final int tokenId, final TokenScores scores) {}

        @Override
        public void onFinished(final FinishReason reason) {}

        @Override
        public void onFailed(final GenerationError error, final String message) {}
    };

    /** An expert of lane 0's step is on no node any more; all that a newcomer needs lives. */
    @Test
    void shouldPlanALaterLaneWhenThePackedOneBeforeItIsHeldUp() {
        final SchedulerLimits limits = new SchedulerLimits(2, LaneFill.PACKED, 16, 8, 3, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(40), new BlockHasher("m", BLOCK));
        scheduler.enqueue(sequence(0, 4, 4, new Random(1)));
        final StepPlan first = new StepPlan(limits);
        assertThat(scheduler.plan(0, first)).isTrue();
        scheduler.enqueue(sequence(1, 4, 4, new Random(2)));
        final StepPlan second = new StepPlan(limits);
        assertThat(scheduler.plan(1, second)).as("lane 0 has room").isFalse();

        scheduler.hold(0, true);

        assertThat(scheduler.plan(1, second)).isTrue();
        assertThat(second.sequence(0).arrival).isEqualTo(1);
        scheduler.stepDone(second);
        scheduler.hold(0, false);
        scheduler.stepDone(first);
        first.sequence(0).append(1);
        second.sequence(0).append(1);
        assertThat(scheduler.plan(1, second)).as("lane 0 pulls it in").isFalse();
        assertThat(scheduler.plan(0, first)).isTrue();
        assertThat(first.batch.sequenceCount).isEqualTo(2);
    }

    /** Lanes run in any order and overlap; sequences end, some before their time. */
    @Property(tries = 150)
    void shouldKeepItsRulesUnderAnyLoad(
            @ForAll @IntRange(min = 1, max = 3) final int lanes,
            @ForAll @IntRange(min = 1, max = 5) final int perLane,
            @ForAll @IntRange(min = 0, max = 12) final int extraRows,
            @ForAll @IntRange(min = 16, max = 40) final int blocks,
            @ForAll final boolean prefixCache,
            @ForAll final long seed) {
        final LaneFill fill = seed % 2 == 0 ? LaneFill.EVEN : LaneFill.PACKED;
        final SchedulerLimits limits =
                new SchedulerLimits(lanes, fill, perLane + extraRows, perLane, 3, BLOCK, prefixCache);
        final KvBlocks kv = new KvBlocks(blocks);
        final Scheduler scheduler = new Scheduler(limits, kv, new BlockHasher("m", BLOCK));
        final Random random = new Random(seed);
        final List<Sequence> live = new ArrayList<>();
        final StepPlan[] running = new StepPlan[lanes];
        int arrived = 0;
        int idleRounds = 0;
        while (arrived < 25 || !live.isEmpty()) {
            if (arrived < 25 && random.nextInt(3) == 0) {
                final Sequence sequence = sequence(arrived++, 1 + random.nextInt(40), random.nextInt(20), random);
                live.add(sequence);
                scheduler.enqueue(sequence);
            }
            final int lane = random.nextInt(lanes);
            if (running[lane] == null) {
                final StepPlan plan = new StepPlan(limits);
                if (scheduler.plan(lane, plan)) {
                    checkPlan(plan, limits);
                    running[lane] = plan;
                    idleRounds = 0;
                } else {
                    checkNothingPlanned(plan);
                    idleRounds++;
                }
            } else {
                finish(scheduler, running[lane], live, random);
                running[lane] = null;
            }
            checkBlocks(live, kv);
            assertThat(idleRounds).as("somebody always gets on").isLessThan(500);
        }
        assertThat(kv.freeCount()).isEqualTo(blocks);
        assertThat(scheduler.runningCount() + scheduler.waitingCount()).isZero();
    }

    private static void checkPlan(final StepPlan plan, final SchedulerLimits limits) {
        assertThat(plan.batch.rowCount).isBetween(1, limits.maxRowsPerStep());
        assertThat(plan.batch.logitsRowCount).isLessThanOrEqualTo(limits.maxLogitsRows());
        int next = 0;
        boolean prompts = false;
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            final Sequence sequence = plan.sequence(slot);
            assertThat(plan.batch.firstRow[slot]).isEqualTo(next);
            assertThat(plan.batch.firstPosition[slot]).isEqualTo(sequence.computed);
            next += plan.batch.rowsOf[slot];
            prompts |= sequence.pending() > 1;
            assertThat(prompts && sequence.pending() == 1)
                    .as("decode rows come first")
                    .isFalse();
            assertThat(sequence.blockCount * BLOCK).isGreaterThanOrEqualTo(sequence.computed + plan.batch.rowsOf[slot]);
        }
        assertThat(next).isEqualTo(plan.batch.rowCount);
    }

    private static void checkNothingPlanned(final StepPlan plan) {
        assertThat(plan.batch.rowCount).isZero();
        assertThat(plan.batch.sequenceCount).isZero();
    }

    /** No block belongs to two sequences unless both found it in the cache or published it. */
    private static void checkBlocks(final List<Sequence> live, final KvBlocks kv) {
        final Map<Integer, Sequence> own = new HashMap<>();
        final Set<Integer> shared = new java.util.HashSet<>();
        for (final Sequence sequence : live) {
            for (int i = 0; i < sequence.blockCount; i++) {
                if (i < sequence.sharedBlocks) {
                    shared.add(sequence.blocks[i]);
                } else {
                    assertThat(own.put(sequence.blocks[i], sequence)).isNull();
                }
            }
        }
        assertThat(java.util.Collections.disjoint(own.keySet(), shared)).isTrue();
        assertThat(kv.freeCount()).isEqualTo(kv.blockCount() - own.size() - shared.size());
    }

    private static void finish(
            final Scheduler scheduler, final StepPlan plan, final List<Sequence> live, final Random random) {
        scheduler.stepDone(plan);
        for (int i = 0; i < plan.batch.logitsRowCount; i++) {
            final Sequence sequence = plan.sequence(plan.logitsSlot[i]);
            if (plan.purposes[i] == StepPlan.Purpose.SCORE) {
                sequence.promptScores.add(new TokenScores(0, 0, List.of()));
                continue;
            }
            scheduler.publish(sequence);
            if (plan.purposes[i] == StepPlan.Purpose.SAMPLE) {
                sequence.append(random.nextInt(3));
            }
            if (sequence.generated() >= sequence.request.maxTokens() || random.nextInt(30) == 0) {
                sequence.ended = true;
                scheduler.remove(sequence);
                live.remove(sequence);
            }
        }
    }

    @Test
    void shouldPreemptTheYoungestAndTakeItBackFirst() {
        final SchedulerLimits limits = new SchedulerLimits(1, LaneFill.EVEN, 16, 4, 1, BLOCK, false);
        final KvBlocks kv = new KvBlocks(3);
        final Scheduler scheduler = new Scheduler(limits, kv, new BlockHasher("m", BLOCK));
        final StepPlan plan = new StepPlan(limits);
        final Sequence old = sequence(0, 4, 8, new Random(1));
        final Sequence young = sequence(1, 4, 8, new Random(1));
        final Sequence last = sequence(2, 4, 8, new Random(1));
        List.of(old, young, last).forEach(scheduler::enqueue);

        step(scheduler, plan);
        assertThat(last.lane).as("a block must stay free to grow into").isEqualTo(-1);
        while (young.lane >= 0) {
            step(scheduler, plan);
        }

        assertThat(scheduler.preemptions()).isEqualTo(1);
        assertThat(young.blockCount).isZero();
        assertThat(old.lane).isZero();
        old.ended = true;
        scheduler.remove(old);
        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(plan.sequence(0)).isSameAs(young);
        assertThat(plan.batch.rowsOf[0]).as("its output is recomputed too").isEqualTo(young.length);
        assertThat(plan.batch.logitsRowCount).isEqualTo(1);
    }

    @Test
    void shouldLetASequenceOfARunningStepGiveWayAfterIt() {
        final SchedulerLimits limits = new SchedulerLimits(2, LaneFill.EVEN, 16, 4, 1, BLOCK, false);
        final KvBlocks kv = new KvBlocks(3);
        final Scheduler scheduler = new Scheduler(limits, kv, new BlockHasher("m", BLOCK));
        final StepPlan first = new StepPlan(limits);
        final StepPlan second = new StepPlan(limits);
        final Sequence old = sequence(0, 4, 8, new Random(1));
        final Sequence young = sequence(1, 3, 8, new Random(1));
        scheduler.enqueue(old);
        scheduler.enqueue(young);
        assertThat(scheduler.plan(0, first)).isTrue();
        assertThat(scheduler.plan(1, second)).isTrue();
        for (int i = 0; i < 5; i++) { // the old one takes the last block, then needs another
            end(scheduler, first);
            final boolean went = scheduler.plan(0, first);
            assertThat(went).isEqualTo(i < 4);
        }
        assertThat(young.inFlight).isTrue();
        assertThat(young.preemptRequested).isTrue();

        end(scheduler, second);
        assertThat(scheduler.plan(1, second)).isFalse();
        assertThat(young.lane).isEqualTo(-1);
        assertThat(scheduler.plan(0, first)).isTrue();
        assertThat(first.sequence(0)).isSameAs(old);
    }

    @Test
    void shouldFillLanesEvenlyAndInOrderOfArrival() {
        final SchedulerLimits limits = new SchedulerLimits(2, LaneFill.EVEN, 64, 8, 1, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(100), new BlockHasher("m", BLOCK));
        final List<Sequence> sequences = IntStream.range(0, 6)
                .mapToObj(i -> sequence(i, 5, 5, new Random(i)))
                .toList();
        sequences.forEach(scheduler::enqueue);
        scheduler.plan(0, new StepPlan(limits));
        scheduler.plan(1, new StepPlan(limits));
        assertThat(sequences).extracting(s -> s.lane).containsExactly(0, 0, 0, 1, 1, 1);
    }

    @Test
    void shouldFillOneLaneAfterTheOtherWhenPacked() {
        final SchedulerLimits limits = new SchedulerLimits(2, LaneFill.PACKED, 64, 4, 1, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(100), new BlockHasher("m", BLOCK));
        final List<Sequence> sequences = IntStream.range(0, 6)
                .mapToObj(i -> sequence(i, 5, 5, new Random(i)))
                .toList();
        sequences.forEach(scheduler::enqueue);
        final StepPlan first = new StepPlan(limits);
        final StepPlan second = new StepPlan(limits);
        assertThat(scheduler.plan(1, second)).as("the first lane has room").isFalse();
        scheduler.plan(0, first);
        scheduler.plan(1, second);
        assertThat(sequences).extracting(s -> s.lane).containsExactly(0, 0, 0, 0, 1, 1);

        end(scheduler, first);
        sequences.getFirst().ended = true;
        scheduler.remove(sequences.getFirst());
        scheduler.plan(0, first);
        assertThat(sequences.get(4).lane).as("not in the midst of its step").isEqualTo(1);

        end(scheduler, first);
        end(scheduler, second);
        scheduler.plan(0, first);
        assertThat(sequences.get(4).lane).as("fills up the first lane").isZero();
        assertThat(sequences.get(5).lane).isEqualTo(1);

        end(scheduler, first);
        sequences.get(1).ended = true;
        scheduler.remove(sequences.get(1));
        assertThat(scheduler.plan(1, second))
                .as("it must not start a step that keeps it apart")
                .isFalse();
        scheduler.plan(0, first);
        assertThat(sequences.get(5).lane).isZero();
    }

    @Test
    void shouldAskForLogitsOfSampledAndScoredRowsAlone() {
        final SchedulerLimits limits = new SchedulerLimits(1, LaneFill.EVEN, 7, 4, 3, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(100), new BlockHasher("m", BLOCK));
        final StepPlan plan = new StepPlan(limits);
        scheduler.enqueue(sequence(0, 10, 5, new Random(1)));
        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(plan.batch.rowCount).isEqualTo(7);
        assertThat(plan.batch.logitsRowCount).isZero();
        end(scheduler, plan);
        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(plan.batch.rowCount).isEqualTo(3);
        assertThat(plan.batch.logitsRowCount).isEqualTo(1);
        assertThat(plan.batch.logitsRows[0]).isEqualTo(2);
        assertThat(plan.purposes[0]).isEqualTo(StepPlan.Purpose.SAMPLE);
    }

    private static void step(final Scheduler scheduler, final StepPlan plan) {
        assertThat(scheduler.plan(0, plan)).isTrue();
        end(scheduler, plan);
    }

    private static void end(final Scheduler scheduler, final StepPlan plan) {
        scheduler.stepDone(plan);
        for (int i = 0; i < plan.batch.logitsRowCount; i++) {
            plan.sequence(plan.logitsSlot[i]).append(1);
        }
    }

    /** Two that yield have both places; one that doesn't comes, and then another. */
    @Test
    void shouldGiveThePlacesOfThoseThatYieldToThoseThatDoNot() {
        final SchedulerLimits limits = new SchedulerLimits(1, LaneFill.EVEN, 16, 2, 3, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(40), new BlockHasher("m", BLOCK));
        final Sequence first = yielding(0);
        final Sequence second = yielding(1);
        scheduler.enqueue(first);
        scheduler.enqueue(second);
        final StepPlan plan = new StepPlan(limits);
        assertThat(scheduler.plan(0, plan)).isTrue();
        scheduler.stepDone(plan);
        first.append(1);
        second.append(1);
        scheduler.enqueue(sequence(2, 4, 4, new Random(2)));

        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(arrivals(plan)).containsExactlyInAnyOrder(2L, 0L);
        scheduler.stepDone(plan);
        plan.sequence(0).append(1);
        plan.sequence(1).append(1);
        scheduler.enqueue(sequence(3, 4, 4, new Random(3)));
        scheduler.enqueue(sequence(4, 4, 4, new Random(4)));
        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(arrivals(plan)).as("the oldest that don't yield").containsExactlyInAnyOrder(2L, 3L);
        assertThat(scheduler.preemptions()).isEqualTo(2);
        assertThat(scheduler.waitingCount()).isEqualTo(3);
    }

    /** One that yields holds all blocks. */
    @Test
    void shouldGiveTheBlocksOfOneThatYieldsToOneThatDoesNot() {
        final SchedulerLimits limits = new SchedulerLimits(1, LaneFill.EVEN, 16, 4, 3, BLOCK, false);
        final Scheduler scheduler = new Scheduler(limits, new KvBlocks(2), new BlockHasher("m", BLOCK));
        scheduler.enqueue(yielding(0));
        final StepPlan plan = new StepPlan(limits);
        assertThat(scheduler.plan(0, plan)).isTrue();
        scheduler.stepDone(plan);
        scheduler.enqueue(sequence(1, 4, 4, new Random(2)));

        assertThat(scheduler.plan(0, plan)).isTrue();
        assertThat(arrivals(plan)).containsExactly(1L);
    }

    private static List<Long> arrivals(final StepPlan plan) {
        return IntStream.range(0, plan.batch.sequenceCount)
                .mapToObj(slot -> plan.sequence(slot).arrival)
                .toList();
    }

    private static Sequence yielding(final long arrival) {
        final GenerationRequest request = new GenerationRequest(
                List.of(1, 2, 1, 2),
                4,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "s",
                0,
                TokenRules.NONE,
                true,
                Scoring.NONE);
        return new Sequence(arrival, request, DEAF, new SamplingPlan(request, 64), ROPE);
    }

    private static Sequence sequence(
            final long arrival, final int promptLength, final int maxTokens, final Random random) {
        final List<Integer> prompt = IntStream.range(0, promptLength)
                .mapToObj(i -> random.nextInt(3))
                .toList();
        final GenerationRequest request = new GenerationRequest(
                prompt,
                maxTokens,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                random.nextInt(4) - 3,
                "s",
                0,
                TokenRules.NONE);
        return new Sequence(arrival, request, DEAF, new SamplingPlan(request, 64), ROPE);
    }
}
