package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reassembly cases T8 of the catalogue. */
class FrameAssemblerTest {
    private static final byte MIDDLE = 0;

    private final List<String> frames = new ArrayList<>();
    private final FrameAssembler assembler = new FrameAssembler(100_000);
    private final UnsafeBuffer fragment = new UnsafeBuffer(ByteBuffer.allocateDirect(40_000));

    @BeforeEach
    void expectSome() {
        for (int session = 1; session <= 4; session++) {
            assembler.expect(session);
        }
    }

    private void give(final int session, final int flags, final int value, final int length) {
        fragment.setMemory(0, length, (byte) value);
        assembler.onFragment(session, (byte) flags, fragment, 0, length, (id, buffer, offset, bytes) -> {
            final StringBuilder runs = new StringBuilder("session " + id + ":");
            byte last = 0;
            for (int i = 0; i < bytes; i++) {
                if (buffer.getByte(offset + i) != last) {
                    last = buffer.getByte(offset + i);
                    runs.append(' ').append(last);
                }
            }
            frames.add(runs + " " + bytes);
        });
    }

    @Test
    void shouldAssembleWhenFragmentsOfSeveralSendersInterleave() {
        give(1, FrameAssembler.BEGIN, 1, 30_000);
        give(2, FrameAssembler.BEGIN, 2, 10);
        give(1, MIDDLE, 3, 30_000);
        give(2, FrameAssembler.END, 4, 10);
        give(3, FrameAssembler.BEGIN | FrameAssembler.END, 9, 7);
        give(1, FrameAssembler.END, 5, 5);
        assertThat(frames).containsExactly("session 2: 2 4 20", "session 3: 9 7", "session 1: 1 3 5 60005");
        assertThat(assembler.droppedFrames()).isZero();
    }

    @Test
    void shouldDropAFrameWhenItGrowsPastTheLimit() {
        give(1, FrameAssembler.BEGIN, 1, 40_000);
        give(1, MIDDLE, 1, 40_000);
        give(1, MIDDLE, 1, 40_000);
        give(1, FrameAssembler.END, 1, 10);
        give(1, FrameAssembler.BEGIN, 2, 10);
        give(1, FrameAssembler.END, 2, 10);
        assertThat(frames).containsExactly("session 1: 2 20");
        assertThat(assembler.droppedFrames()).isOne();
    }

    @Test
    void shouldServeWhoIsExpectedWhenManyStrangersNeverFinish() {
        for (int stranger = 100; stranger < 100_100; stranger++) {
            give(stranger, FrameAssembler.BEGIN, 1, 10);
        }
        assertThat(assembler.partialCount()).isZero();
        assertThat(assembler.droppedFrames()).isEqualTo(100_000);
        give(1, FrameAssembler.BEGIN, 1, 10);
        give(1, FrameAssembler.END, 1, 10);
        assertThat(frames).hasSize(1);
    }

    @Test
    void shouldTakeNothingMoreOfASenderThatIsGone() {
        give(1, FrameAssembler.BEGIN, 1, 10);
        assembler.forget(1);
        give(1, FrameAssembler.END, 1, 10);
        give(1, FrameAssembler.BEGIN, 1, 10);
        assertThat(frames).isEmpty();
        assertThat(assembler.partialCount()).isZero();
    }

    @Test
    void shouldDropWhatHasNoBeginning() {
        give(1, FrameAssembler.END, 1, 10);
        give(1, MIDDLE, 1, 10);
        assertThat(frames).isEmpty();
        assertThat(assembler.partialCount()).isZero();
    }
}
