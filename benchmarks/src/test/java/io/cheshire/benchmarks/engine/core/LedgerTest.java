package io.cheshire.benchmarks.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.benchmarks.engine.core.Activity.Part;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger("engine", 100);

    @Test
    void shouldBookEveryNanosecondOnce() {
        final Ledger.Page before = page(1);
        ledger.charge(Activity.ATTEND, 130);
        ledger.charge(Activity.EXPERT_COMPUTE, 200);
        ledger.charge(Activity.ATTEND, 210);
        ledger.charge(Activity.PARKED, 260);
        ledger.add(Tally.UNIT_CALLS, 3);
        final Interval interval = Interval.between(List.of(before), List.of(page(2)));

        final Split split = interval.splits().getFirst();
        assertThat(split.thread()).isEqualTo("engine");
        assertThat(split.wallNs()).isEqualTo(160);
        assertThat(split.nanos(Activity.ATTEND)).isEqualTo(40);
        assertThat(split.share(Part.EXPERT_COMPUTE)).isEqualTo(70 / 160.0);
        assertThat(split.byActivity().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(160);
        assertThat(interval.count(Tally.UNIT_CALLS)).isEqualTo(3);
    }

    @Test
    void shouldShowNothingBeforeTheThreadCameToABoundary() {
        assertThat(ledger.page(1)).isNull();
        ledger.publish(1);
        assertThat(ledger.page(1)).isNotNull();
        assertThat(ledger.page(2)).isNull();
    }

    @Test
    void shouldKeepAPageAsItWasWhenTimeGoesOn() {
        ledger.charge(Activity.GATE, 150);
        final Ledger.Page page = page(1);
        ledger.charge(Activity.GATE, 190);
        ledger.publish(1);

        assertThat(page.nanos(Activity.GATE)).isEqualTo(50);
        assertThat(page(1)).isSameAs(page);
    }

    @Test
    void shouldForgetWhatTheRestOfAJobWas() {
        ledger.remainderIs(Activity.SAMPLING);
        assertThat(ledger.takeRemainder(Activity.DEVICE_JOBS)).isEqualTo(Activity.SAMPLING);
        assertThat(ledger.takeRemainder(Activity.DEVICE_JOBS)).isEqualTo(Activity.DEVICE_JOBS);
    }

    private Ledger.Page page(final long request) {
        ledger.publish(request);
        return Objects.requireNonNull(ledger.page(request));
    }
}
