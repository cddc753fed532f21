package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** One row more or less on either side is seen, also where shards were hedged. */
class RowLedgerTest {
    @Test
    void shouldAcceptBooksThatAgree() {
        assertThatCode(() -> ledger(203, 3, 0, 0, 0).assertBalanced()).doesNotThrowAnyException();
        assertThatCode(() -> ledger(202, 3, 1, 0, 0).assertBalanced()).doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseARowThatIsMissingDoubledOrUnheardOf() {
        assertThatThrownBy(() -> ledger(202, 3, 0, 0, 0).assertBalanced()).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ledger(204, 3, 0, 0, 0).assertBalanced()).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ledger(203, 3, 0, 1, 0).assertBalanced()).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ledger(203, 3, 0, 0, 1).assertBalanced()).isInstanceOf(AssertionError.class);
    }

    /** The first layer is in order; the second one is as told, with 100 rows computed. */
    private static RowLedger ledger(
            final long served, final long unused, final long givenUp, final long open, final long lost) {
        return new RowLedger(
                List.of(14L, served),
                List.of(7L, 100L),
                List.of(0L, unused),
                List.of(0L, givenUp),
                List.of(0L, open),
                List.of(0L, lost));
    }
}
