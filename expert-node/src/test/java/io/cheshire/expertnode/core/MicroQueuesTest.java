package io.cheshire.expertnode.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.WindowCredit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MicroQueuesTest {
    private static final int UNITS = 4;

    private final MicroQueues<String> queues = new MicroQueues<>(UNITS, 64);
    private final RouterCredit credit = new WindowCredit(100);
    private final Batch<String> batch = new Batch<>();

    MicroQueuesTest() {
        for (int unit = 0; unit < UNITS; unit++) {
            queues.addUnit(unit);
        }
    }

    private ShardAdmission give(
            final long shardId,
            final int attempt,
            final int unit,
            final int first,
            final int rows,
            final int of,
            final long nowNs) {
        return queues.admit("router", 1, credit, shardId, attempt, unit, first, rows, of, nowNs);
    }

    private ShardAdmission give(final long shardId, final int unit, final int rows, final long nowNs) {
        return give(shardId, 0, unit, 0, rows, rows, nowNs);
    }

    private List<String> taken(final int maxRows) {
        final List<String> slices = new ArrayList<>();
        if (queues.take(batch, maxRows)) {
            for (int i = 0; i < batch.sliceCount(); i++) {
                slices.add("unit " + batch.unitIndex() + " shard "
                        + batch.shard(i).shardId() + " rows " + batch.firstRow(i) + "+" + batch.rowCount(i));
            }
        }
        return slices;
    }

    @Test
    void shouldTakeAllThatIsQueuedForTheUnitThatWaitedLongest() {
        give(1, 2, 3, 10);
        give(2, 0, 5, 20);
        give(3, 2, 4, 30);
        assertThat(taken(100)).containsExactly("unit 2 shard 1 rows 0+3", "unit 2 shard 3 rows 0+4");
        assertThat(taken(100)).containsExactly("unit 0 shard 2 rows 0+5");
        assertThat(taken(100)).isEmpty();
    }

    @Test
    void shouldSplitAShardWhenItIsLargerThanABatch() {
        give(1, 1, 10, 1);
        give(2, 1, 3, 2);
        assertThat(taken(4)).containsExactly("unit 1 shard 1 rows 0+4");
        assertThat(taken(4)).containsExactly("unit 1 shard 1 rows 4+4");
        assertThat(taken(4)).containsExactly("unit 1 shard 1 rows 8+2", "unit 1 shard 2 rows 0+2");
        assertThat(taken(4)).containsExactly("unit 1 shard 2 rows 2+1");
    }

    @Test
    void shouldQueueAShardOnlyWhenAllItsFramesAreIn() {
        assertThat(give(1, 0, 1, 5, 3, 8, 1)).isEqualTo(ShardAdmission.ACCEPTED);
        assertThat(taken(100)).isEmpty();
        assertThat(give(1, 0, 1, 0, 5, 8, 2)).isEqualTo(ShardAdmission.ACCEPTED);
        assertThat(taken(100)).containsExactly("unit 1 shard 1 rows 0+8");
    }

    @Test
    void shouldKnowDuplicatesOfPartialQueuedAndAnsweredShards() {
        give(1, 0, 1, 0, 3, 8, 1);
        assertThat(give(1, 0, 1, 0, 3, 8, 2)).isEqualTo(ShardAdmission.DUPLICATE);
        assertThat(give(1, 0, 1, 2, 3, 8, 2)).as("overlapping").isEqualTo(ShardAdmission.DUPLICATE);
        give(1, 0, 1, 3, 5, 8, 3);
        assertThat(give(1, 0, 1, 3, 5, 8, 4)).isEqualTo(ShardAdmission.DUPLICATE);
        taken(100);
        credit.release(8);
        queues.answered(batch.shard(0), 8);
        assertThat(give(1, 0, 1, 0, 3, 8, 5)).isEqualTo(ShardAdmission.DUPLICATE);
        assertThat(queues.isEmpty()).isTrue();
        assertThat(give(1, 1, 1, 0, 8, 8, 6)).as("the next attempt").isEqualTo(ShardAdmission.ACCEPTED);
        assertThat(queues.duplicateFrames()).isEqualTo(4);
    }

    @Test
    void shouldRefuseWithAReasonAndHoldNothing() {
        give(1, 0, 90, 1);
        assertThat(give(2, 0, 11, 2)).isEqualTo(ShardAdmission.OVERLOADED);
        assertThat(give(3, 0, 1, 0, 3, 8, 3)).isEqualTo(ShardAdmission.ACCEPTED);
        assertThat(give(3, 0, 2, 3, 5, 8, 3)).as("another unit").isEqualTo(ShardAdmission.CONTRADICTION);
        assertThat(credit.heldRows()).isEqualTo(90);
        final List<Long> givenUp = new ArrayList<>();
        queues.removeUnit(0, (link, shardId, attempt) -> givenUp.add(shardId));
        assertThat(givenUp).containsExactly(1L);
        assertThat(give(4, 0, 1, 4)).isEqualTo(ShardAdmission.NOT_RESIDENT);
        queues.drain();
        assertThat(give(5, 1, 1, 5)).isEqualTo(ShardAdmission.DRAINING);
        assertThat(credit.heldRows()).isZero();
        assertThat(queues.rowsHeld()).isZero();
        assertThat(queues.isEmpty()).isTrue();
    }

    @Test
    void shouldGiveUpAShardWhenAFrameStaysAway() {
        give(1, 0, 1, 0, 3, 8, 100);
        give(2, 0, 1, 0, 3, 8, 200);
        final List<Long> givenUp = new ArrayList<>();
        assertThat(queues.expirePartials(150, (link, shardId, attempt) -> givenUp.add(shardId)))
                .isOne();
        assertThat(givenUp).containsExactly(1L);
        assertThat(credit.heldRows()).isEqualTo(8);
        assertThat(queues.rowsHeld()).isEqualTo(3);
    }

    /** Whatever is admitted, taken, answered, failed, unloaded or cut off: in the end nothing is held. */
    @Property(tries = 300)
    void shouldHoldNothingInTheEnd(@ForAll final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final MicroQueues<String> mixed = new MicroQueues<>(UNITS, 64);
        final RouterCredit[] credits = {new WindowCredit(40), new WindowCredit(40)};
        final List<Batch<String>> batches = new ArrayList<>();
        final MicroQueues.GivenUp<String> ignore = (link, shardId, attempt) -> {};
        for (int i = 0; i < 200; i++) {
            final int router = random.nextInt(2);
            final int unit = random.nextInt(UNITS);
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> {
                    mixed.addUnit(unit);
                    final int of = random.nextInt(1, 12);
                    final int rows = random.nextInt(1, of + 1);
                    mixed.admit("r", router, credits[router], i, 0, unit, 0, rows, of, i);
                    if (random.nextBoolean() && rows < of) {
                        mixed.admit("r", router, credits[router], i, 0, unit, rows, of - rows, of, i);
                    }
                }
                case 4, 5, 6 -> {
                    final Batch<String> taken = new Batch<>();
                    if (mixed.take(taken, random.nextInt(1, 15))) {
                        batches.add(taken);
                    }
                }
                case 7, 8 -> {
                    if (!batches.isEmpty()) {
                        answer(mixed, batches.remove(random.nextInt(batches.size())), random.nextBoolean());
                    }
                }
                case 9 -> mixed.removeUnit(unit, ignore);
                case 10 -> mixed.expirePartials(i - 20, ignore);
                default -> {
                    mixed.dropLink(router);
                    credits[router] = new WindowCredit(40);
                }
            }
        }
        batches.forEach(left -> answer(mixed, left, true));
        mixed.expirePartials(Long.MAX_VALUE / 2, ignore);
        final Batch<String> rest = new Batch<>();
        while (mixed.take(rest, 7)) {
            answer(mixed, rest, true);
        }
        assertThat(mixed.isEmpty()).isTrue();
        assertThat(mixed.rowsHeld()).isZero();
        assertThat(credits[0].heldRows()).isZero();
        assertThat(credits[1].heldRows()).isZero();
    }

    private static void answer(final MicroQueues<String> mixed, final Batch<String> taken, final boolean succeeds) {
        for (int i = 0; i < taken.sliceCount(); i++) {
            final QueuedShard<String> shard = taken.shard(i);
            if (!succeeds && !shard.isAbandoned()) {
                mixed.fail(shard);
            } else if (!shard.isAbandoned()) {
                shard.credit().release(taken.rowCount(i));
            }
            mixed.answered(shard, taken.rowCount(i));
        }
    }
}
