package io.cheshire.model.runtime.onednn.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class GrowingBufferTest {
    /** Has no memory once, at the second request. */
    private static final class Allocator implements LongFunction<NativeBuffer> {
        private int requests;

        @Override
        public NativeBuffer apply(final long bytes) {
            if (++requests == 2) {
                throw new IllegalStateException("none left");
            }
            return NativeBuffer.allocate(bytes);
        }
    }

    @Test
    void shouldServeTheNextSmallerJobFromWhatItHadWhenGrowingFails() {
        final long before = NativeBuffer.liveBytes();
        try (GrowingBuffer buffer = new GrowingBuffer(new Allocator())) {
            final long first = buffer.atLeast(128);
            assertThatThrownBy(() -> buffer.atLeast(4096)).hasMessage("none left");

            assertThat(buffer.atLeast(64)).isEqualTo(first).isNotZero();
            assertThat(buffer.address()).isEqualTo(first);
            assertThat(NativeBuffer.liveBytes()).isEqualTo(before + 128);
            assertThat(buffer.atLeast(4096)).isNotZero();
            assertThat(NativeBuffer.liveBytes()).isEqualTo(before + 4096);
        }
        assertThat(NativeBuffer.liveBytes()).isEqualTo(before);
    }

    @Test
    void shouldSayThatNothingWasReservedBeforeTheFirstJobAndAfterTheLast() {
        final GrowingBuffer buffer = new GrowingBuffer();
        assertThatThrownBy(buffer::address).hasMessage("no room was reserved");
        buffer.atLeast(8);
        buffer.close();
        assertThatThrownBy(buffer::address).hasMessage("no room was reserved");
    }
}
