package io.cheshire.chaos.sim.link;

import io.cheshire.transport.protocol.FrameFilter;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.sbe.HelloAckDecoder;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A planted bug: what is of an earlier link is taken for the present one's, or an answer to an earlier Hello for one
 * to the last.
 */
final class ForgivingGate implements FrameFilter {
    private static final int LINK_ID_AT = FrameLayout.HEADER_BYTES + HelloAckDecoder.linkIdEncodingOffset();
    private static final int SEQUENCE_AT = FrameLayout.HEADER_BYTES + HelloAckDecoder.sequenceEncodingOffset();

    private final FrameFilter inner;
    private final Forgives forgives;
    private final Handshakes handshakes;
    private final Map<Integer, Long> presentLinks = new HashMap<>();

    /** Whose age doesn't matter. */
    enum Forgives {
        EARLIER_LINKS,
        LATE_ANSWERS
    }

    ForgivingGate(final FrameFilter inner, final Forgives forgives, final Handshakes handshakes) {
        this.inner = inner;
        this.forgives = forgives;
        this.handshakes = handshakes;
    }

    @Override
    public FrameVerdict check(final DirectBuffer buffer, final int offset, final int length) {
        final FrameVerdict verdict = inner.check(buffer, offset, length);
        if (verdict == FrameVerdict.VALID && buffer instanceof final MutableDirectBuffer frame) {
            forgive(frame, offset);
        }
        return verdict;
    }

    private void forgive(final MutableDirectBuffer frame, final int offset) {
        final int nodeId = FrameLayout.nodeId(frame, offset);
        final boolean isAnswer = FrameLayout.templateId(frame, offset) == HelloAckDecoder.TEMPLATE_ID;
        if (forgives == Forgives.LATE_ANSWERS) {
            if (isAnswer) {
                frame.putLong(offset + SEQUENCE_AT, handshakes.lastAsked(nodeId), ByteOrder.LITTLE_ENDIAN);
            }
        } else if (isAnswer) {
            final long sequence = frame.getLong(offset + SEQUENCE_AT, ByteOrder.LITTLE_ENDIAN);
            if (sequence == handshakes.lastAsked(nodeId)) {
                presentLinks.put(nodeId, FrameLayout.linkId(frame, offset));
            }
        } else if (presentLinks.containsKey(nodeId)) {
            frame.putLong(offset + LINK_ID_AT, presentLinks.get(nodeId), ByteOrder.LITTLE_ENDIAN);
        }
    }

    @Override
    public long count(final FrameVerdict verdict) {
        return inner.count(verdict);
    }

    @Override
    public long rejectCount() {
        return inner.rejectCount();
    }
}
