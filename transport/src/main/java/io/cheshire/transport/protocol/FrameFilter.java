package io.cheshire.transport.protocol;

import org.agrona.DirectBuffer;

/** Judges untrusted frames before anything of them is read; {@link FrameGate} is the one. Called by one thread. */
public interface FrameFilter {
    /** Judges {@code buffer[offset .. offset + length)} and counts the verdict. */
    FrameVerdict check(DirectBuffer buffer, int offset, int length);

    /** Frames judged so since start; from any thread. */
    long count(FrameVerdict verdict);

    /** All rejects since start; from any thread. */
    long rejectCount();
}
