package io.cheshire.transport.core;

import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A router's {@link Hello}, and its decision on the answer; {@link HandshakeJudge} is the node's. One thread. */
public final class RouterHandshake {
    private final HandshakeCodec codec;
    private final int routerId;
    private final long incarnation;
    private final ModelIdentity model;
    private final String replyChannel;
    private final int replyStreamId;

    /** What becomes of the link that was asked for. */
    public sealed interface Verdict {
        /** It is up. */
        record Accepted(HelloAnswer answer) implements Verdict {}

        /**
         * It won't be.
         *
         * @param signed whether the answer carries the cluster's signature, or none is asked for
         */
        record Refused(HelloAnswer answer, boolean signed) implements Verdict {}

        /** It can't be: frames of one end would be refused by the other. */
        record Differs(HelloAnswer answer) implements Verdict {}

        /** The answer is to another Hello, or by another start of the node: nothing becomes of the link. */
        record Stale() implements Verdict {}
    }

    /**
     * @param replyChannel  Aeron channel on which the router listens
     * @param replyStreamId Aeron stream on which the router listens
     */
    public RouterHandshake(
            final HandshakeCodec codec,
            final int routerId,
            final long incarnation,
            final ModelIdentity model,
            final String replyChannel,
            final int replyStreamId) {
        this.codec = codec;
        this.routerId = routerId;
        this.incarnation = incarnation;
        this.model = model;
        this.replyChannel = replyChannel;
        this.replyStreamId = replyStreamId;
    }

    /**
     * Writes a Hello at the start of a buffer of {@link HandshakeCodec#MAX_BYTES}.
     *
     * @param sequence grows with every link asked for
     * @return its length in bytes
     */
    public int encodeHello(final NodeEndpoint node, final long sequence, final MutableDirectBuffer buffer) {
        final Hello hello = new Hello(
                HelloDecoder.SCHEMA_VERSION,
                routerId,
                incarnation,
                node.nodeId(),
                node.incarnation(),
                sequence,
                model.fingerprint(),
                model.hiddenSize(),
                HandshakeCodec.dtypeCode(model.rowDtype()),
                replyChannel,
                replyStreamId);
        return codec.encode(hello, buffer, 0);
    }

    /**
     * Judges an answer that has passed the gate.
     *
     * @param node     who was greeted
     * @param sequence of the last Hello
     * @param options  how we guard frames on this link
     */
    public Verdict judge(
            final DirectBuffer frame,
            final int offset,
            final int length,
            final NodeEndpoint node,
            final long sequence,
            final LinkOptions options) {
        final HelloAnswer answer = codec.decodeAnswer(frame, offset);
        if (answer.sequence() != sequence
                || answer.routerId() != routerId
                || answer.routerIncarnation() != incarnation) {
            return new Verdict.Stale();
        }
        final boolean signed = codec.isAnswerSigned(frame, offset, length);
        if (answer.version() != HelloDecoder.SCHEMA_VERSION || answer.status() != HelloStatus.ACCEPTED || !signed) {
            return new Verdict.Refused(answer, signed);
        }
        if (answer.nodeIncarnation() != node.incarnation()) {
            return new Verdict.Stale();
        }
        return answer.options().agreesWith(options) ? new Verdict.Accepted(answer) : new Verdict.Differs(answer);
    }
}
