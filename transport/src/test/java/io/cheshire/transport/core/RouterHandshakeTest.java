package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.core.RouterHandshake.Verdict;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterHandshakeTest {
    private static final Fingerprint MODEL = new Fingerprint(1, 2, 3, 4);
    private static final long SEQUENCE = 5;
    private static final LinkOptions OPTIONS = new LinkOptions(false, true, false);

    private final NodeEndpoint node = new NodeEndpoint(3, 33, "aeron:ipc", 7);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[HandshakeCodec.MAX_BYTES]);

    private static HandshakeCodec codec(final @Nullable String secret) {
        return new HandshakeCodec(new FrameSeal(true), secret == null ? null : new ClusterSecret(secret));
    }

    private static RouterHandshake router(final HandshakeCodec codec) {
        return new RouterHandshake(codec, 1, 11, new ModelIdentity(MODEL, 2, 4, 64, Dtype.BF16), "aeron:ipc", 9);
    }

    private static HelloAnswer answer(
            final HelloStatus status,
            final long nodeIncarnation,
            final int routerId,
            final long routerIncarnation,
            final long sequence) {
        return new HelloAnswer(
                HelloDecoder.SCHEMA_VERSION,
                status,
                77,
                3,
                nodeIncarnation,
                routerId,
                routerIncarnation,
                sequence,
                MODEL,
                16,
                16,
                OPTIONS);
    }

    private Verdict judged(final HandshakeCodec from, final HandshakeCodec by, final HelloAnswer answer) {
        final int length = from.encode(answer, buffer, 0);
        return router(by).judge(buffer, 0, length, node, SEQUENCE, OPTIONS);
    }

    @Test
    void shouldAskWhatTheNodesJudgeAccepts() {
        final HandshakeCodec codec = codec(null);
        router(codec).encodeHello(node, SEQUENCE, buffer);

        final Hello hello = codec.decodeHello(buffer, 0);
        assertThat(hello.sequence()).isEqualTo(SEQUENCE);
        assertThat(new HandshakeJudge(node, new ModelIdentity(MODEL, 2, 4, 64, Dtype.BF16)).judge(hello, true, true))
                .isEqualTo(HelloStatus.ACCEPTED);
    }

    @Test
    void shouldTakeOnlyTheAnswerToItsLastHello() {
        final HandshakeCodec codec = codec(null);
        final HelloAnswer right = answer(HelloStatus.ACCEPTED, 33, 1, 11, SEQUENCE);
        assertThat(judged(codec, codec, right)).isEqualTo(new Verdict.Accepted(right));

        final Verdict stale = new Verdict.Stale();
        assertThat(judged(codec, codec, answer(HelloStatus.ACCEPTED, 33, 1, 11, SEQUENCE - 1)))
                .as("to a Hello before")
                .isEqualTo(stale);
        assertThat(judged(codec, codec, answer(HelloStatus.ACCEPTED, 33, 2, 11, SEQUENCE)))
                .as("to another router")
                .isEqualTo(stale);
        assertThat(judged(codec, codec, answer(HelloStatus.ACCEPTED, 33, 1, 12, SEQUENCE)))
                .as("to another start of the router")
                .isEqualTo(stale);
        assertThat(judged(codec, codec, answer(HelloStatus.ACCEPTED, 34, 1, 11, SEQUENCE)))
                .as("by another start of the node")
                .isEqualTo(stale);
    }

    @Test
    void shouldGiveUpTheLinkWhenRefusedOrNotSigned() {
        final HandshakeCodec codec = codec(null);
        final HelloAnswer refusal = answer(HelloStatus.WRONG_MODEL, 33, 1, 11, SEQUENCE);
        assertThat(judged(codec, codec, refusal)).isEqualTo(new Verdict.Refused(refusal, true));

        final HelloAnswer accepted = answer(HelloStatus.ACCEPTED, 33, 1, 11, SEQUENCE);
        assertThat(judged(codec, codec("a secret that only we have"), accepted))
                .isEqualTo(new Verdict.Refused(accepted, false));
    }

    @Test
    void shouldGiveUpTheLinkWhenTheNodeGuardsFramesOtherwise() {
        final HandshakeCodec codec = codec(null);
        final HelloAnswer accepted = answer(HelloStatus.ACCEPTED, 33, 1, 11, SEQUENCE);
        final int length = codec.encode(accepted, buffer, 0);
        for (final LinkOptions other : List.of(
                new LinkOptions(true, true, false),
                new LinkOptions(false, false, false),
                new LinkOptions(false, true, true))) {
            assertThat(router(codec).judge(buffer, 0, length, node, SEQUENCE, other))
                    .as("%s", other)
                    .isEqualTo(new Verdict.Differs(accepted));
        }
        assertThat(new LinkOptions(true, true, true).agreesWith(new LinkOptions(true, false, false)))
                .as("checksums matter where there are no MACs")
                .isTrue();
    }

    @Test
    void shouldGiveUpTheLinkWhenTheNodeSpeaksAnotherVersion() {
        final HandshakeCodec codec = codec(null);
        final HelloAnswer newer =
                new HelloAnswer(3, HelloStatus.ACCEPTED, 77, 3, 33, 1, 11, SEQUENCE, MODEL, 16, 16, OPTIONS);

        assertThat(judged(codec, codec, newer)).isEqualTo(new Verdict.Refused(newer, true));
    }
}
