package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.protocol.BatchRequest;
import java.util.EnumSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchHeadTest {
    @ParameterizedTest
    @EnumSource
    void shouldNeverGoBack(final Status status) {
        final EnumSet<Status> next = Stream.of(Status.values())
                .filter(status::mayBecome)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Status.class)));
        if (status.isOver()) {
            assertThat(next).isEmpty();
            return;
        }
        assertThat(next)
                .contains(Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.CANCELLED)
                .allMatch(later -> later.compareTo(status) > 0);
    }

    /** Also when it was killed while its files were finished. */
    @ParameterizedTest
    @EnumSource(names = {"CANCELLING", "FINALIZING"})
    void shouldBeCancelledHoweverFarItIsSince(final Status last) {
        final BatchHead head = BatchHead.of(new BatchRequest("file-1", "/v1/completions", "24h", 86_400, null), "1", 1);
        assertThat(head.isCancelled()).isFalse();
        head.move(Status.CANCELLING, 2);
        head.move(last, 3);
        assertThat(head.isCancelled()).isTrue();
    }
}
