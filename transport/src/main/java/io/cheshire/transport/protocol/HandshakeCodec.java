package io.cheshire.transport.protocol;

import static io.cheshire.transport.protocol.FrameLayout.HEADER_BYTES;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.sbe.HelloAckDecoder;
import io.cheshire.transport.sbe.HelloAckEncoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloEncoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.MessageHeaderEncoder;
import io.cheshire.transport.sbe.RowDtype;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/** Writes and reads the two handshake messages. One instance per thread. Frames that are read have passed the gate. */
public final class HandshakeCodec {
    /** Room that any handshake frame fits into. */
    public static final int MAX_BYTES = 512;

    private static final int HELLO_MAC_AT = HEADER_BYTES + HelloDecoder.macEncodingOffset();
    private static final int ACK_MAC_AT = HEADER_BYTES + HelloAckDecoder.macEncodingOffset();

    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final HelloEncoder helloEncoder = new HelloEncoder();
    private final HelloDecoder helloDecoder = new HelloDecoder();
    private final HelloAckEncoder ackEncoder = new HelloAckEncoder();
    private final HelloAckDecoder ackDecoder = new HelloAckDecoder();
    private final FrameSeal seal;
    private final @Nullable ClusterSecret secret;

    /** @param secret signs and verifies, or null when the cluster has none */
    public HandshakeCodec(final FrameSeal seal, final @Nullable ClusterSecret secret) {
        this.seal = seal;
        this.secret = secret;
    }

    /** Writes a Hello and answers its length. */
    public int encode(final Hello hello, final MutableDirectBuffer buffer, final int offset) {
        buffer.setMemory(offset, HEADER_BYTES + HelloEncoder.BLOCK_LENGTH, (byte) 0);
        helloEncoder.wrapAndApplyHeader(buffer, offset, headerEncoder);
        headerEncoder.version(hello.version());
        helloEncoder
                .nodeId(hello.nodeId())
                .routerId(hello.routerId())
                .hiddenSize(hello.hiddenSize())
                .routerIncarnation(hello.routerIncarnation())
                .nodeIncarnation(hello.nodeIncarnation())
                .sequence(hello.sequence())
                .replyStreamId(hello.replyStreamId())
                .rowDtype(RowDtype.get((short) hello.dtypeCode()));
        hello.fingerprint().write(buffer, offset + HEADER_BYTES + HelloEncoder.fingerprintEncodingOffset());
        final byte[] channel = hello.replyChannel().getBytes(StandardCharsets.US_ASCII);
        helloEncoder.putReplyChannel(channel, 0, channel.length);
        final int length = HEADER_BYTES + helloEncoder.encodedLength();
        return finish(buffer, offset, length, HELLO_MAC_AT);
    }

    /** Writes an answer and returns its length. */
    public int encode(final HelloAnswer answer, final MutableDirectBuffer buffer, final int offset) {
        buffer.setMemory(offset, HEADER_BYTES + HelloAckEncoder.BLOCK_LENGTH, (byte) 0);
        ackEncoder.wrapAndApplyHeader(buffer, offset, headerEncoder);
        headerEncoder.version(answer.version());
        ackEncoder
                .nodeId(answer.nodeId())
                .linkId(answer.linkId())
                .routerId(answer.routerId())
                .windowRows(answer.windowRows())
                .routerIncarnation(answer.routerIncarnation())
                .nodeIncarnation(answer.nodeIncarnation())
                .sequence(answer.sequence())
                .creditLimit(answer.creditLimit())
                .status(answer.status())
                .options(answer.options().bits());
        answer.fingerprint().write(buffer, offset + HEADER_BYTES + HelloAckEncoder.fingerprintEncodingOffset());
        return finish(buffer, offset, HEADER_BYTES + HelloAckEncoder.BLOCK_LENGTH, ACK_MAC_AT);
    }

    /** Reads a Hello. */
    public Hello decodeHello(final DirectBuffer buffer, final int offset) {
        helloDecoder.wrapAndApplyHeader(buffer, offset, headerDecoder);
        final byte[] channel = new byte[helloDecoder.replyChannelLength()];
        helloDecoder.getReplyChannel(channel, 0, channel.length);
        return new Hello(
                headerDecoder.version(),
                helloDecoder.routerId(),
                helloDecoder.routerIncarnation(),
                helloDecoder.nodeId(),
                helloDecoder.nodeIncarnation(),
                helloDecoder.sequence(),
                Fingerprint.read(buffer, offset + HEADER_BYTES + HelloDecoder.fingerprintEncodingOffset()),
                helloDecoder.hiddenSize(),
                helloDecoder.rowDtypeRaw(),
                new String(channel, StandardCharsets.US_ASCII),
                helloDecoder.replyStreamId());
    }

    /** Reads an answer. */
    public HelloAnswer decodeAnswer(final DirectBuffer buffer, final int offset) {
        ackDecoder.wrapAndApplyHeader(buffer, offset, headerDecoder);
        return new HelloAnswer(
                headerDecoder.version(),
                ackDecoder.status(),
                ackDecoder.linkId(),
                ackDecoder.nodeId(),
                ackDecoder.nodeIncarnation(),
                ackDecoder.routerId(),
                ackDecoder.routerIncarnation(),
                ackDecoder.sequence(),
                Fingerprint.read(buffer, offset + HEADER_BYTES + HelloAckDecoder.fingerprintEncodingOffset()),
                ackDecoder.windowRows(),
                ackDecoder.creditLimit(),
                LinkOptions.of(ackDecoder.options()));
    }

    /** Whether a Hello is signed with our secret; true when there is none. */
    public boolean isHelloSigned(final DirectBuffer buffer, final int offset, final int length) {
        return secret == null || secret.verify(buffer, offset, length, HELLO_MAC_AT);
    }

    /** Whether an answer is signed with our secret; true when there is none. */
    public boolean isAnswerSigned(final DirectBuffer buffer, final int offset, final int length) {
        return secret == null || secret.verify(buffer, offset, length, ACK_MAC_AT);
    }

    /** Wire code of a row format. */
    public static int dtypeCode(final Dtype dtype) {
        return FrameLayout.wireDtype(dtype).value();
    }

    private int finish(final MutableDirectBuffer buffer, final int offset, final int length, final int macAt) {
        seal.prepare(buffer, offset, length);
        if (secret != null) {
            buffer.putBytes(offset + macAt, secret.sign(buffer, offset, length, macAt));
        }
        seal.apply(buffer, offset, length);
        return length;
    }
}
