package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The way back to a router that said Hello: opens it without waiting, and answers on it. The node's thread only. */
final class HelloReplies {
    private final Wire wire;
    private final NodeEndpoint self;
    private final ModelIdentity model;
    private final LinkRules rules;
    private final HandshakeCodec codec;
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HandshakeCodec.MAX_BYTES));

    HelloReplies(
            final Wire wire,
            final NodeEndpoint self,
            final ModelIdentity model,
            final LinkRules rules,
            final HandshakeCodec codec) {
        this.wire = wire;
        this.self = self;
        this.model = model;
        this.rules = rules;
        this.codec = codec;
    }

    /** Begins to open the way back. Whoever opens one closes it. */
    Outbox open(final Hello hello) {
        return wire.open(hello.replyChannel(), hello.replyStreamId(), FrameLayout.ROWS_OFFSET + model.resultRowBytes());
    }

    /** What frames are sent with on a way back that is open. */
    FrameSender senderOn(final Outbox outbox, final Hello hello) {
        return new FrameSender(outbox, new FrameSeal(rules.checksumOn(hello.replyChannel())));
    }

    void accept(final FrameSender sender, final NodeEndLink link) {
        answer(
                sender,
                link.hello(),
                HelloStatus.ACCEPTED,
                link.linkId(),
                link.credit().limit(),
                rules.linkOptions(self.channel(), link.hello().replyChannel()));
    }

    void refuse(final FrameSender sender, final Hello hello, final HelloStatus status) {
        answer(sender, hello, status, 0, 0, LinkOptions.NONE);
    }

    private void answer(
            final FrameSender sender,
            final Hello hello,
            final HelloStatus status,
            final long linkId,
            final long creditLimit,
            final LinkOptions options) {
        final HelloAnswer answer = new HelloAnswer(
                HelloDecoder.SCHEMA_VERSION,
                status,
                linkId,
                self.nodeId(),
                self.incarnation(),
                hello.routerId(),
                hello.routerIncarnation(),
                hello.sequence(),
                model.fingerprint(),
                rules.windowRows(),
                creditLimit,
                options);
        sender.sendSealed(buffer, codec.encode(answer, buffer, 0));
    }
}
