package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who gets bytes, and who has to give them back. */
class BodyBudgetTest {
    private static final int REQUEST = BodyBudget.REQUEST_BYTES;
    private static final long KIB = 1024;
    private static final long LIMIT = 1024 * KIB;
    private static final long SECOND_NS = 1_000_000_000L;

    private final AtomicLong nowNs = new AtomicLong();
    private final BodyBudget budget = new BodyBudget(LIMIT, 1, nowNs::get);
    private final AtomicInteger evictions = new AtomicInteger();

    @Test
    void shouldHoldNothingWhenAllRequestsHaveEnded() {
        final List<BodyBudget.Charge> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            final BodyBudget.Charge charge = open();
            assertThat(charge.grow(i * KIB)).isTrue();
            charge.settle();
            charge.force(5 * KIB);
            charge.shrink();
            charge.reply(i);
            charge.shrink();
            all.add(charge);
        }
        assertThat(budget.heldBytes()).as("with ten replies").isEqualTo(10L * REQUEST + 45);
        all.forEach(BodyBudget.Charge::close);
        all.forEach(BodyBudget.Charge::close);
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void shouldTakeFromTheLargestForASmallOne() {
        final BodyBudget.Charge large = open();
        final BodyBudget.Charge larger = open();
        assertThat(large.grow(400 * KIB)).isTrue();
        assertThat(larger.grow(608 * KIB)).isTrue();

        final BodyBudget.Charge small = open();

        assertThat(evictions).hasValue(1);
        assertThat(larger.grow(1)).as("it has to end").isFalse();
        assertThat(large.grow(1)).isTrue();
        assertThat(small.grow(KIB)).isTrue();
    }

    @Test
    void shouldRefuseALargeOneRatherThanTakeFromSmallOnes() {
        for (int i = 0; i < LIMIT / REQUEST; i++) {
            open();
        }
        assertThat(budget.open(() -> {})).isNull();
        assertThat(evictions).hasValue(0);
    }

    @Test
    void shouldTakeFromWhatHasNotMovedForAWhileWhateverItsSize() {
        for (int i = 0; i < LIMIT / REQUEST; i++) {
            open();
        }
        nowNs.addAndGet(SECOND_NS);

        assertThat(open().grow(100 * KIB)).isTrue();
        assertThat(budget.heldBytes()).isLessThanOrEqualTo(LIMIT);
        assertThat(evictions).hasValue(1 + (int) (100 * KIB / REQUEST) + 1);
    }

    @Test
    void shouldNeverTakeFromARequestWhoseClientDidItsPart() {
        final BodyBudget.Charge whole = open();
        assertThat(whole.grow(LIMIT - REQUEST)).isTrue();
        whole.settle();
        nowNs.addAndGet(SECOND_NS);

        assertThat(budget.open(() -> {})).isNull();
        whole.shrink();
        assertThat(budget.open(() -> {})).isNotNull();
    }

    @Test
    void shouldLeaveHalfToOthersWhereThereAreSeveralTenants() {
        final BodyBudget shared = new BodyBudget(LIMIT, 2, nowNs::get);
        final BodyBudget.Charge greedy = Objects.requireNonNull(shared.open(evictions::incrementAndGet));
        greedy.owner("a");

        assertThat(greedy.grow(LIMIT / 2)).isFalse();
        assertThat(greedy.grow(LIMIT / 2 - REQUEST)).isTrue();
        final BodyBudget.Charge more = Objects.requireNonNull(shared.open(() -> {}));
        more.owner("a");
        assertThat(more.grow(1)).isFalse();
        final BodyBudget.Charge other = Objects.requireNonNull(shared.open(() -> {}));
        other.owner("b");
        assertThat(other.grow(LIMIT / 4)).isTrue();
        assertThat(evictions).hasValue(0);
    }

    private BodyBudget.Charge open() {
        return Objects.requireNonNull(budget.open(evictions::incrementAndGet));
    }
}
