package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.core.HelloLedger.Standing;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import org.junit.jupiter.api.Test;

class HandshakeRulesTest {
    private static final Fingerprint OURS = new Fingerprint(1, 2, 3, 4);
    private static final Fingerprint OTHERS = new Fingerprint(1, 2, 3, 5);

    private final HandshakeJudge judge =
            new HandshakeJudge(new NodeEndpoint(3, 33, "aeron:ipc", 5), new ModelIdentity(OURS, 2, 4, 64, Dtype.BF16));

    private static Hello hello(
            final int version,
            final int nodeId,
            final long nodeIncarnation,
            final Fingerprint print,
            final int hidden,
            final int dtype) {
        return new Hello(version, 1, 11, nodeId, nodeIncarnation, 1, print, hidden, dtype, "aeron:ipc", 9);
    }

    private static Hello from(final long routerIncarnation, final long sequence) {
        return new Hello(
                HelloDecoder.SCHEMA_VERSION, 1, routerIncarnation, 3, 33, sequence, OURS, 64, 1, "aeron:ipc", 9);
    }

    @Test
    void shouldAcceptOnlyWhatMatchesInEveryRespect() {
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 64, 1), true, true))
                .isEqualTo(HelloStatus.ACCEPTED);
        assertThat(judge.judge(hello(1, 3, 33, OURS, 64, 1), true, true)).isEqualTo(HelloStatus.WRONG_VERSION);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 4, 33, OURS, 64, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_NODE);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 34, OURS, 64, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_NODE);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OTHERS, 64, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 65, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 64, 2), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 64, 77), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 64, 1), false, true))
                .isEqualTo(HelloStatus.BAD_SECRET);
        assertThat(judge.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS, 64, 1), true, false))
                .isEqualTo(HelloStatus.TOO_MANY_ROUTERS);
    }

    @Test
    void shouldRefuseTheSameModelComputedByKernelsWithOtherBits() {
        final Fingerprint panels = OURS.with("panels");
        final HandshakeJudge strict = new HandshakeJudge(
                new NodeEndpoint(3, 33, "aeron:ipc", 5), new ModelIdentity(panels, 2, 4, 64, Dtype.BF16));
        assertThat(strict.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS.with("panels"), 64, 1), true, true))
                .isEqualTo(HelloStatus.ACCEPTED);
        assertThat(strict.judge(
                        hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OURS.with("oneDNN 3.11.0, avx2"), 64, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
        assertThat(strict.judge(hello(HelloDecoder.SCHEMA_VERSION, 3, 33, OTHERS.with("panels"), 64, 1), true, true))
                .isEqualTo(HelloStatus.WRONG_MODEL);
    }

    @Test
    void shouldNeverGoBackwardsWhenHandshakesAreReplayed() {
        final HelloLedger ledger = new HelloLedger();
        assertThat(ledger.standingOf(from(11, 5))).isEqualTo(Standing.NEW);
        ledger.accept(from(11, 5));
        assertThat(ledger.standingOf(from(11, 5))).isEqualTo(Standing.REPEATED);
        assertThat(ledger.standingOf(from(11, 4))).isEqualTo(Standing.STALE);
        assertThat(ledger.standingOf(from(11, 6))).isEqualTo(Standing.NEW);
        ledger.accept(from(12, 1));
        assertThat(ledger.standingOf(from(11, 6)))
                .as("of the incarnation before")
                .isEqualTo(Standing.STALE);
        assertThat(ledger.standingOf(from(12, 2))).isEqualTo(Standing.NEW);
    }
}
