package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.core.FrameHook.Direction;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SeededFaultsTest {
    private static List<Integer> run(final long seed, final LinkFaults linkFaults, final int frameCount) {
        final SeededFaults faults = new SeededFaults(seed);
        faults.set(1, Direction.TO_NODE, linkFaults);
        final List<Integer> arrived = new ArrayList<>();
        final FrameHook.Sink sink = (node, direction, buffer, offset, length) -> arrived.add(buffer.getInt(offset));
        for (int i = 0; i < frameCount; i++) {
            final UnsafeBuffer frame = new UnsafeBuffer(new byte[64]);
            frame.putInt(0, i);
            faults.onFrame(1, Direction.TO_NODE, frame, 0, 64, i * 10L, sink);
            faults.poll(i * 10L, sink);
        }
        faults.poll(Long.MAX_VALUE / 2, sink);
        return arrived;
    }

    @Test
    void shouldPassEverythingWhenNothingIsWrong() {
        assertThat(run(1, LinkFaults.NONE, 100)).hasSize(100).isSorted();
    }

    @Test
    void shouldDoTheSameWhenTheSeedIsTheSame() {
        final LinkFaults all = new LinkFaults(0.2, 0.2, 0, 0.2, 5, 40, false);
        assertThat(run(7, all, 500)).isEqualTo(run(7, all, 500)).isNotEqualTo(run(8, all, 500));
    }

    @Test
    void shouldDoWhatItIsAskedFor() {
        assertThat(run(3, LinkFaults.drop(0.5), 1000)).hasSizeBetween(400, 600);
        assertThat(run(3, LinkFaults.duplicate(0.5), 1000))
                .hasSizeBetween(1400, 1600)
                .isSorted();
        assertThat(run(3, LinkFaults.PARTITION, 1000)).isEmpty();
        assertThat(run(3, LinkFaults.delay(100, 0), 1000)).hasSize(1000).isSorted();
        final List<Integer> reordered = run(3, LinkFaults.reorder(0.3), 1000);
        assertThat(reordered).hasSize(1000).doesNotHaveDuplicates();
    }

    @Test
    void shouldFlipExactlyOneBitWhenItCorrupts() {
        final SeededFaults faults = new SeededFaults(4);
        faults.set(1, Direction.FROM_NODE, LinkFaults.corrupt(1));
        final int[] bits = new int[1];
        faults.onFrame(
                1,
                Direction.FROM_NODE,
                new UnsafeBuffer(new byte[64]),
                0,
                64,
                0,
                (node, way, buffer, offset, length) -> {
                    for (int i = 0; i < length; i++) {
                        bits[0] += Integer.bitCount(buffer.getByte(offset + i) & 0xFF);
                    }
                });
        assertThat(bits[0]).isOne();
        assertThat(faults.injectedCount()).isOne();
    }
}
