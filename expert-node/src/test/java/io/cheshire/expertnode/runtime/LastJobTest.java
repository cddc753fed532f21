package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.testing.ExpectedErrors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastJobTest {
    @Test
    @ExpectedErrors("node 3 can't free 2 of 4 parts")
    void shouldFreeTheOthersWhenSomeCannotBeFreed() {
        final List<String> freed = new ArrayList<>();
        final DeviceExecutor device = new DeviceExecutor("test-device", 4);
        device.submit(new LastJob(
                3,
                List.of(
                        () -> freed.add("first"),
                        () -> {
                            throw new IllegalStateException("as asked for");
                        },
                        () -> {
                            throw new AssertionError("as asked for");
                        },
                        () -> freed.add("last"))));

        assertThat(device.doWork()).isEqualTo(1);
        assertThat(freed).containsExactly("first", "last");
    }
}
