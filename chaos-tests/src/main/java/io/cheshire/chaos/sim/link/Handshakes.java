package io.cheshire.chaos.sim.link;

import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.sbe.HelloAckDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/**
 * The Hellos that a router's life sent, the answers that came and the links they made, as the wire carried them: a
 * second opinion.
 */
final class Handshakes {
    private static final long NONE = -1;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HelloAckDecoder answer = new HelloAckDecoder();
    private final Map<Integer, Long> asked = new HashMap<>();
    private final Map<Integer, Long> answered = new HashMap<>();
    private final Map<Integer, Long> offered = new HashMap<>();
    private final Map<Integer, Long> links = new HashMap<>();
    private boolean strange;

    /** A frame leaves. */
    void sent(final DirectBuffer frame, final int offset) {
        if (FrameLayout.templateId(frame, offset) == HelloDecoder.TEMPLATE_ID) {
            hello.wrapAndApplyHeader(frame, offset, header);
            asked.put(hello.nodeId(), hello.sequence());
        }
    }

    /** A packet came, perhaps damaged. */
    void came(final boolean whole, final DirectBuffer packet, final int offset, final int length) {
        strange = false;
        if (!whole || length < FrameLayout.COMMON_BYTES) {
            return;
        }
        if (FrameLayout.templateId(packet, offset) != HelloAckDecoder.TEMPLATE_ID) {
            final long link = links.getOrDefault(FrameLayout.nodeId(packet, offset), NONE);
            strange = link != FrameLayout.linkId(packet, offset);
        } else if (length >= FrameLayout.HEADER_BYTES + HelloAckDecoder.BLOCK_LENGTH) {
            answer.wrapAndApplyHeader(packet, offset, header);
            answered.put(answer.nodeId(), answer.sequence());
            offered.put(answer.nodeId(), answer.linkId());
        }
    }

    /** The last answer of a node made a link. */
    void began(final int nodeId) {
        links.put(nodeId, offered.getOrDefault(nodeId, NONE));
    }

    /** Whether the packet that came last was a frame of another link than the last one with its node. */
    boolean isStrange() {
        return strange;
    }

    /** Number of the last Hello to a node. */
    long lastAsked(final int nodeId) {
        return asked.getOrDefault(nodeId, NONE);
    }

    /** Whether the last answer of a node is one to the last Hello to it. */
    boolean areOfOneMind(final int nodeId) {
        return lastAsked(nodeId) == answered.getOrDefault(nodeId, NONE);
    }
}
