package io.cheshire.transport.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Both ends of links, step by step: what the simulation meets by chance. */
class LinkMachinesTest {
    private final LinkRig rig = new LinkRig(LinkRig.rules(4));

    @Test
    void shouldBeginWithAHelloAndServeFromTheFirstFrameOn() {
        rig.connect();

        assertThat(rig.moves)
                .containsExactly(
                        "router WAITING > OPENING",
                        "router OPENING > GREETING",
                        "node OPENING > ANSWERED",
                        "router GREETING > UP",
                        "node ANSWERED > SERVING");
        assertThat(rig.heard).containsExactly("ready");
    }

    @Test
    void shouldWaitForTheMediaDriverAndTryAgainWhenItRefuses() {
        rig.wire.driver = Outbox.State.OPENING;
        rig.router.connect(LinkRig.NODE);
        rig.turn(300);
        assertThat(rig.moves).as("a driver has all the time it wants").containsExactly("router WAITING > OPENING");

        rig.lastOutbox().state = Outbox.State.REFUSED;
        rig.wire.driver = Outbox.State.OPEN;
        rig.turn(1);
        assertThat(rig.heard).containsExactly("lost: the media driver refused the channel aeron:ipc: no room");

        rig.turn(80);
        assertThat(rig.wire.outboxes.getFirst().closed).isTrue();
        assertThat(rig.heard).last().isEqualTo("ready");
    }

    @Test
    void shouldGiveUpAWayBackThatTheMediaDriverRefuses() {
        rig.router.connect(LinkRig.NODE);
        rig.turnRouter(5);
        rig.wire.driver = Outbox.State.REFUSED;
        rig.turnNode(2);

        assertThat(rig.moves).last().isEqualTo("node OPENING > ENDED");
        assertThat(rig.lastOutbox().closed).isTrue();
        assertThat(rig.heard).as("nobody was served").isEmpty();
    }

    @Test
    void shouldEndALinkWhoseFramesCannotCarryARow() {
        rig.wire.frameLimitBytes = 100;
        rig.router.connect(LinkRig.NODE);
        rig.turn(3);

        assertThat(rig.moves).last().isEqualTo("router OPENING > ENDED");
        rig.wire.frameLimitBytes = TestWire.LIMIT_BYTES;
        rig.turn(200);
        assertThat(rig.moves).as("not by itself").last().isEqualTo("router OPENING > ENDED");
        rig.connect();
        assertThat(rig.heard).last().isEqualTo("ready");
    }

    @Test
    void shouldNotTakeTheAnswerToAHelloThatWasGivenUp() {
        rig.router.connect(LinkRig.NODE);
        rig.turnRouter(5);
        rig.turnNode(3);
        final List<TestWire.Packet> late = List.copyOf(rig.wire.arrivedOn(LinkRig.ROUTER_STREAM));
        rig.wire.arrivedOn(LinkRig.ROUTER_STREAM).clear();
        assertThat(late).hasSize(1);

        rig.turnRouter(105);
        assertThat(rig.moves).last().isEqualTo("router GREETING > WAITING");
        rig.wire.arrivedOn(LinkRig.ROUTER_STREAM).addAll(late);
        rig.turnRouter(1);
        assertThat(rig.moves).as("while it waits").last().isEqualTo("router GREETING > WAITING");
        rig.turnRouter(60);
        rig.wire.arrivedOn(LinkRig.ROUTER_STREAM).addAll(late);
        rig.turnRouter(1);

        assertThat(rig.moves).as("while it greets anew").last().isEqualTo("router OPENING > GREETING");
        assertThat(rig.router.counters().get(TransportCounter.HANDSHAKES_STALE)).isEqualTo(2);
    }

    @Test
    void shouldNotTakeFramesOfTheLinkBefore() {
        rig.connect();
        rig.links.getFirst().sendNack(77, 0, NackReason.NOT_RESIDENT);
        final List<TestWire.Packet> late = List.copyOf(rig.wire.arrivedOn(LinkRig.ROUTER_STREAM));
        rig.wire.arrivedOn(LinkRig.ROUTER_STREAM).clear();
        rig.router.disconnect(LinkRig.NODE.nodeId());
        rig.connect();
        final long stale = rig.router.counters().get(TransportCounter.STALE_FRAMES);

        rig.wire.arrivedOn(LinkRig.ROUTER_STREAM).addAll(late);
        rig.turnRouter(1);

        assertThat(rig.heard).doesNotContain("nack 77");
        assertThat(rig.router.counters().get(TransportCounter.STALE_FRAMES)).isEqualTo(stale + 1);
    }

    @Test
    void shouldBelieveHeartbeatsAloneAfterThreeCutsOfANodeThatAnswered() {
        rig.connect();
        for (int cut = 1; cut <= 3; cut++) {
            assertThat(rig.wire.lifelines).hasSize(cut);
            rig.wire.lifelines.getLast().cut = true;
            rig.turn(30);
            assertThat(rig.heard).endsWith("recovered");
        }

        assertThat(rig.wire.lifelines).as("lifelines held").hasSize(3);
        assertThat(rig.heard)
                .containsOnlyOnce("lifelines distrusted")
                .filteredOn(heard -> heard.startsWith("suspect: has let go"))
                .hasSize(3);
    }

    @Test
    void shouldSendNoHeartbeatInTheTurnInWhichALifelineIsCut() {
        rig.connect();
        rig.turnUntilBeat();
        rig.turnRouter(9);
        rig.wire.arrivedOn(LinkRig.NODE_STREAM).clear();
        rig.wire.lifelines.getLast().cut = true;

        rig.turnRouter(1);
        assertThat(rig.heard).last().asString().startsWith("suspect: has let go");
        assertThat(rig.wire.arrivedOn(LinkRig.NODE_STREAM)).as("frames sent").isEmpty();
        rig.turnRouter(1);
        assertThat(rig.wire.arrivedOn(LinkRig.NODE_STREAM)).as("a turn later").hasSize(1);
    }

    @Test
    void shouldSendANackThatFoundNoRoomAsSoonAsThereIsRoom() {
        rig.connect();
        final TestWire.TestOutbox back = rig.lastOutbox();
        back.full = true;
        rig.links.getFirst().sendNack(5, 0, NackReason.DRAINING);
        rig.links.getFirst().sendNack(6, 0, NackReason.DRAINING);
        rig.turn(3);
        assertThat(rig.heard).doesNotContain("nack 5");

        back.full = false;
        back.fullAtCommit = true;
        rig.turn(3);
        assertThat(rig.heard).as("room that isn't there in the end").doesNotContain("nack 5");

        back.fullAtCommit = false;
        rig.turn(2);
        assertThat(rig.heard).containsSubsequence("nack 5", "nack 6");
    }

    @Test
    void shouldEndALinkThatTakesNoAnswers() {
        rig.connect();
        rig.lastOutbox().full = true;
        for (int shard = 0; shard < 5; shard++) {
            rig.links.getFirst().sendNack(shard, 0, NackReason.DRAINING);
        }
        rig.turnNode(1);

        assertThat(rig.heard).last().isEqualTo("link down: it takes no answers");
        assertThat(rig.links.getFirst().isUp()).isFalse();
    }

    @Test
    void shouldKeepTheCreditOfAResultThatFoundNoRoomAtTheEnd() {
        rig.connect();
        assertThat(rig.router.dispatch(rig.shard(1, 2), rig.rows())).isEqualTo(SendOutcome.SENT);
        rig.turn(1);
        final ResultHeader header = new ResultHeader();
        header.shardId = 1;
        header.rowCount = 2;
        header.shardRowCount = 2;
        final UnsafeBuffer results = new UnsafeBuffer(new byte[2 * LinkRig.MODEL.resultRowBytes()]);
        rig.lastOutbox().fullAtCommit = true;

        assertThat(rig.links.getFirst().sendResult(header, results, 0)).isEqualTo(SendOutcome.BACK_PRESSURED);
        assertThat(rig.node.heldRows()).isEqualTo(2);

        rig.lastOutbox().fullAtCommit = false;
        assertThat(rig.links.getFirst().sendResult(header, results, 0)).isEqualTo(SendOutcome.SENT);
        rig.turn(1);
        assertThat(rig.heard).last().isEqualTo("result 1");
        assertThat(rig.node.heldRows()).isZero();
        assertThat(rig.router.creditRows(LinkRig.NODE.nodeId())).isEqualTo(4);
    }

    @Test
    void shouldSendNoMoreThanTheNodeGrants() {
        rig.connect();
        assertThat(rig.router.dispatch(rig.shard(1, 5), rig.rows())).isEqualTo(SendOutcome.TOO_LARGE);
        assertThat(rig.router.dispatch(rig.shard(2, 3), rig.rows())).isEqualTo(SendOutcome.SENT);
        assertThat(rig.router.dispatch(rig.shard(3, 2), rig.rows())).isEqualTo(SendOutcome.NO_CREDIT);
        assertThat(rig.router.dispatch(rig.shard(4, 1), rig.rows())).isEqualTo(SendOutcome.SENT);
    }

    /** It did: a link that a listener had ended in the middle of a walk was reported lost a heartbeat later. */
    @Test
    void shouldSayNothingMoreOfANodeThatAListenerDisconnectsInTheMiddleOfATurn() {
        final NodeEndpoint other = new NodeEndpoint(4, 44, LinkRig.NODE.channel(), LinkRig.NODE_STREAM, "");
        rig.connect();
        rig.router.connect(other);
        rig.turnRouter(3);
        rig.onLost = () -> rig.router.disconnect(other.nodeId());
        rig.wire.outboxes.forEach(outbox -> outbox.connected = false);
        final int opened = rig.wire.outboxes.size();
        rig.turnRouter(20);

        assertThat(rig.heard).filteredOn(heard -> heard.startsWith("lost")).hasSize(1);
        assertThat(rig.moves).contains("router GREETING > CLOSED");
        rig.onLost = null;
        rig.turnRouter(60);
        assertThat(rig.wire.outboxes).as("only the lost one is tried again").hasSize(opened + 1);
    }

    @Test
    void shouldRefuseOneRouterTooManyAndSaySoOnAChannelThatIsClosedAgain() {
        rig.connect();
        rig.router.disconnect(LinkRig.NODE.nodeId());
        rig.router.connect(new NodeEndpoint(LinkRig.NODE.nodeId(), 99, "aeron:ipc", LinkRig.NODE_STREAM, ""));
        rig.turn(10);

        assertThat(rig.heard).last().asString().contains("it refused us");
        assertThat(rig.node.counters().get(TransportCounter.HANDSHAKES_REFUSED)).isEqualTo(1);
        final TestWire.TestOutbox refusal = rig.lastOutbox();
        rig.turn(2_100);
        assertThat(refusal.closed).isTrue();
    }

    /** Both know what the model's fingerprint is in each precision, so each can name the other's. */
    @Test
    void shouldRefuseANodeOfAnotherPrecisionByName() {
        final Fingerprint files = new Fingerprint(1, 2, 3, 4);
        final Map<Fingerprint, String> precisions = new HashMap<>();
        for (final Precision each : Precision.values()) {
            precisions.put(files.with(each.word()), each.word());
        }
        final ModelIdentity int4 = new ModelIdentity(files.with("int4"), 1, 2, 8, Dtype.BF16).with(precisions);
        final ModelIdentity int8 = new ModelIdentity(files.with("int8"), 1, 2, 8, Dtype.BF16).with(precisions);
        final LinkRig mixed = new LinkRig(LinkRig.rules(4), int4, int8);

        mixed.router.connect(LinkRig.NODE);
        mixed.turn(10);

        assertThat(mixed.heard)
                .last()
                .isEqualTo("lost: it refused us: it computes this model in int8 and we in int4, which gives other bits:"
                        + " start both with the same --precision");
        assertThat(mixed.node.counters().get(TransportCounter.HANDSHAKES_REFUSED))
                .isEqualTo(1);
    }

    @Test
    void shouldCloseEveryChannelAndLifelineWithTheEnds() {
        rig.connect();
        rig.router.close();
        rig.node.close();

        assertThat(rig.wire.outboxes).allMatch(outbox -> outbox.closed);
        assertThat(rig.wire.lifelines).allMatch(lifeline -> lifeline.closed);
        assertThat(rig.moves).contains("router UP > CLOSED", "node SERVING > ENDED");
    }
}
