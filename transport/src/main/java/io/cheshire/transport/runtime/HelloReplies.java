package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.exceptions.AeronException;
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
import org.jspecify.annotations.Nullable;

/**
 * The way back to a router that said Hello: makes its publication without waiting, and answers on it. Whoever opens one closes it.
 * The node's thread only.
 */
final class HelloReplies {
    private final Aeron aeron;
    private final NodeEndpoint self;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final HandshakeCodec codec;
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HandshakeCodec.MAX_BYTES));

    HelloReplies(
            final Aeron aeron,
            final NodeEndpoint self,
            final ModelIdentity model,
            final TransportConfig config,
            final HandshakeCodec codec) {
        this.aeron = aeron;
        this.self = self;
        this.model = model;
        this.config = config;
        this.codec = codec;
    }

    /** Asks the media driver for a publication; answers its registration. */
    long open(final Hello hello) {
        return aeron.asyncAddExclusivePublication(
                Channels.forPublication(hello.replyChannel(), config), hello.replyStreamId());
    }

    /**
     * The publication, or null while it isn't there.
     *
     * @throws AeronException when the media driver refuses it
     */
    @Nullable
    FrameSender poll(final long registrationId, final Hello hello) {
        final ExclusivePublication publication = aeron.getExclusivePublication(registrationId);
        return publication == null
                ? null
                : new FrameSender(
                        publication,
                        new FrameSeal(config.checksumOn(hello.replyChannel())),
                        FrameLayout.ROWS_OFFSET + model.resultRowBytes(),
                        config.maxFrameBytes(),
                        null);
    }

    /** @param sender null if {@link #poll} has made none */
    void close(final @Nullable FrameSender sender, final long registrationId) {
        if (sender != null) {
            sender.close();
        } else {
            aeron.asyncRemovePublication(registrationId);
        }
    }

    void accept(final FrameSender sender, final AeronRouterLink link) {
        answer(
                sender,
                link.hello,
                HelloStatus.ACCEPTED,
                link.linkId,
                link.credit().limit(),
                config.linkOptions(self.channel(), link.hello.replyChannel()));
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
                config.windowRows(),
                creditLimit,
                options);
        sender.sendSealed(buffer, 0, codec.encode(answer, buffer, 0));
    }
}
