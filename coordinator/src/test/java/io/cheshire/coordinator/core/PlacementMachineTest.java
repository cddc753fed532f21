package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementMachineTest extends DrivenMachine {
    private static final long MS = TestRules.MS;
    private static final long PUBLISHER = 1;

    PlacementMachineTest() {
        super(TestRules.placement(2, PUBLISHER, 1));
    }

    @Test
    void shouldLoadTheHomesOfTheFirstNodesWhileOthersJoin() {
        on(registered(1, 101));

        assertThat(effects(PlacementEffect.Load.class))
                .singleElement()
                .satisfies(load -> assertThat(load.keys()).allMatch(key -> key.expert() % 2 == 1));
        assertThat(state.placement().epoch()).isZero();
    }

    @Test
    void shouldPublishWithoutAUnitThatFailedAndTryItAgainLater() {
        on(registered(0, 100));
        on(registered(1, 101));
        loadAllBut(new ExpertKey(1, 3));
        on(new CoordinatorCommand.UnitLoadFailed(1, 101, new ExpertKey(1, 3), "hash is wrong"));

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(1);
        assertThat(state.unitsWithoutNode()).containsExactly(new ExpertKey(1, 3));
        assertThat(notes(ClusterEvent.Kind.LOAD_FAILED))
                .singleElement()
                .asString()
                .contains("hash is wrong");

        assertThat(effects(PlacementEffect.Load.class).getLast())
                .as("a node that didn't fail is tried at once")
                .isEqualTo(
                        new PlacementEffect.Load(0, Epochs.of(2, PUBLISHER), List.of(new ExpertKey(1, 3)), List.of()));
        effects.clear();
        on(new CoordinatorCommand.UnitLoadFailed(0, 100, new ExpertKey(1, 3), "hash is wrong"));
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
        nowNs = 600 * MS;
        on(new PlacementEvent.Tick());
        final PlacementEffect.Load again =
                effects(PlacementEffect.Load.class).stream().findFirst().orElseThrow();
        assertThat(again.keys()).containsExactly(new ExpertKey(1, 3));
        on(new CoordinatorCommand.UnitLoaded(again.nodeId(), 100 + again.nodeId(), Held.unit(new ExpertKey(1, 3))));
        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(2);
        assertThat(state.unitsWithoutNode()).isEmpty();
    }

    /** A value that can't be takes part in no arithmetic, or the next epoch would have no number. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 62, -1})
    void shouldRefuseAMemberThatNamesAnEpochThatNobodyCanHaveReached(final long absurd) {
        on(new PlacementEvent.NodeRegistered(
                new NodeHello("cheshire", "f00d", endpoint(7, 107), 1_000, 10, absurd, 9, List.of(), "")));
        on(new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", Held.ROUTER, 7, 107, absurd, 9)));

        assertThat(effects(PlacementEffect.RefuseNode.class))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.reason())
                        .contains("(" + absurd + "), which no coordinator can have reached")
                        .contains("Start that process anew"));
        assertThat(effects(PlacementEffect.RefuseRouter.class)).hasSize(1);

        form();
        on(new PlacementEvent.EpochSeen(absurd, "node 0"));
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, absurd, 9));
        on(new PlacementEvent.NodeGone(1, 101, "killed"));
        assertThat(Epochs.round(state.placement().epoch())).as("it goes on").isEqualTo(2);
        assertThat(new CommandFence(3, 1).lets(absurd, 9))
                .as("members don't obey it")
                .isFalse();
    }

    @Test
    void shouldReleaseNothingOfAPredecessorsUntilARouterIsBack() {
        final List<ExpertKey> all = List.copyOf(units());
        on(new PlacementEvent.NodeRegistered(follower(0, all)));
        on(new PlacementEvent.NodeRegistered(follower(1, all)));
        nowNs = 60_000 * MS;
        on(new PlacementEvent.Tick());
        loadOnce();
        on(new OperatorRequest.Move(new ExpertKey(0, 0), 0, 1, "wanted on one only"));
        nowNs = 120_000 * MS;
        on(new PlacementEvent.Tick());
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();

        registerRouter();
        acknowledge();
        nowNs = 121_000 * MS;
        on(new PlacementEvent.Tick());
        acknowledge();

        assertThat(effects(PlacementEffect.Unload.class)).isNotEmpty();
    }

    /** It took itself for the first until then, since nobody of the predecessor's had come back before it published. */
    @Test
    void shouldReleaseNothingUntilARouterIsBackThoughThePredecessorsEpochIsLower() {
        on(registered(0, 100));
        on(registered(1, 101));
        loadAll();
        on(new OperatorRequest.Move(new ExpertKey(0, 0), 0, 1, "for a second epoch"));
        loadAll();
        unloadAll();
        effects.clear();

        on(new PlacementEvent.NodeRegistered(follower(2, units(), Epochs.of(1, 9))));
        loadAll();
        nowNs = 120_000 * MS;
        on(new PlacementEvent.Tick());
        assertThat(state.placement().nodesByUnit()).as("node 2 serves").anyMatch(nodes -> nodes.contains(2));
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();

        registerRouter();
        acknowledge();

        assertThat(effects(PlacementEffect.Unload.class)).isNotEmpty();
        assertThat(notes(ClusterEvent.Kind.EPOCH_SEEN))
                .as("it needn't go above")
                .isEmpty();
    }

    /** A node that served under a predecessor's epoch, which is higher than any of ours. */
    private static NodeHello follower(final int nodeId, final List<ExpertKey> resident) {
        return follower(nodeId, resident, Epochs.of(5, 9));
    }

    private static NodeHello follower(final int nodeId, final List<ExpertKey> resident, final long epochSeen) {
        return new NodeHello(
                "cheshire", "f00d", endpoint(nodeId, 100 + nodeId), 1_000, 10, epochSeen, 9, Held.units(resident), "");
    }

    @Test
    void shouldTreatALoadWithoutAnswerAsFailed() {
        on(registered(0, 100));
        on(registered(1, 101));
        loadAllBut(new ExpertKey(0, 0));

        nowNs = 5_000 * MS;
        on(new PlacementEvent.Tick());

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(1);
        assertThat(state.unitsWithoutNode()).containsExactly(new ExpertKey(0, 0));
    }

    @Test
    void shouldListWhatALostNodeHeldNowhereAtOnceAndLoadItElsewhere() {
        form();
        effects.clear();

        on(new PlacementEvent.NodeGone(1, 101, "killed"));

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(2);
        assertThat(state.unitsWithoutNode()).hasSize(4).allMatch(key -> key.expert() % 2 == 1);
        assertThat(effects(PlacementEffect.Publish.class)).hasSize(1);
        assertThat(effects(PlacementEffect.Load.class))
                .singleElement()
                .satisfies(load -> assertThat(load.nodeId()).isZero());
    }

    @Test
    void shouldKeepALeavingNodeListedUntilOthersHoldItsUnits() {
        form();
        on(new CoordinatorCommand.NodeLeaving(1, 101, "planned"));
        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(1);
        assertThat(effects(PlacementEffect.GrantLeave.class)).isEmpty();

        loadOnce();
        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(2);
        assertThat(effects(PlacementEffect.GrantLeave.class)).isEmpty();

        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(2, PUBLISHER), PUBLISHER));
        assertThat(effects(PlacementEffect.GrantLeave.class))
                .containsExactly(new PlacementEffect.GrantLeave(1, Epochs.of(2, PUBLISHER)));
    }

    @Test
    void shouldReleaseUnderAnEpochThatTheNodeObeysAfterItsLoads() {
        form();
        on(registered(2, 102));
        loadAllBut(new ExpertKey(0, 3));
        on(new CoordinatorCommand.UnitLoadFailed(0, 100, new ExpertKey(0, 3), "disk"));
        nowNs = 600 * MS;
        on(new PlacementEvent.Tick()); // tried again, for the epoch after the one that awaits its acknowledgement
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(2, PUBLISHER), PUBLISHER));

        assertThat(effects(PlacementEffect.Unload.class))
                .isNotEmpty()
                .allSatisfy(unload -> assertThat(effects(PlacementEffect.Load.class).stream()
                                .filter(load -> load.nodeId() == unload.nodeId())
                                .mapToLong(PlacementEffect.Load::epoch))
                        .allMatch(epoch -> epoch <= unload.epoch()));
    }

    @Test
    void shouldFreeAUnitAgainThatIsWantedAgainWhenTheNodeNeverHeardOfIt() {
        form();
        on(registered(2, 102));
        loadOnce();
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(2, PUBLISHER), PUBLISHER));
        final PlacementEffect.Unload lost =
                effects(PlacementEffect.Unload.class).getFirst();
        on(new PlacementEvent.NodeGone(2, 102, "killed"));
        loadOnce();
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, state.placement().epoch(), PUBLISHER));
        effects.clear();

        nowNs = 6_000 * MS;
        on(new PlacementEvent.Tick());

        assertThat(effects(PlacementEffect.Unload.class))
                .filteredOn(unload -> unload.nodeId() == lost.nodeId())
                .singleElement()
                .satisfies(unload -> assertThat(unload.keys()).containsAll(lost.keys()));
        lost.keys().forEach(key -> on(new CoordinatorCommand.UnitUnloaded(lost.nodeId(), 100 + lost.nodeId(), key)));
        assertThat(effects(PlacementEffect.Load.class))
                .anySatisfy(load -> assertThat(load.nodeId()).isEqualTo(lost.nodeId()));
    }

    @Test
    void shouldBoundTheEpochsOfANodeThatCrashesAgainAndAgain() {
        form();
        effects.clear();
        final int burst = machine.rules().epochs().burst();
        final long everyNs = machine.rules().epochs().everyNs();
        final long startNs = nowNs;
        int crashes = 0;
        for (; nowNs < startNs + 100 * everyNs; nowNs += everyNs / 10) {
            on(new PlacementEvent.NodeGone(1, 200 + crashes, "crashed"));
            on(registered(1, 200 + ++crashes));
            loadOnce();
            on(new CoordinatorCommand.EpochAcknowledged(0, 5, state.placement().epoch(), PUBLISHER));
        }

        final long epochs = effects(PlacementEffect.Publish.class).stream()
                .mapToLong(publish -> publish.placement().epoch())
                .distinct()
                .count();
        assertThat(epochs).as("epochs of %d crashes", crashes).isBetween(50L, burst + 100L);
        assertThat(notes(ClusterEvent.Kind.HELD_BACK)).isNotEmpty().hasSizeLessThanOrEqualTo(101);
        nowNs += (burst + 1) * everyNs;
        on(new PlacementEvent.Tick());
        loadOnce();
        nowNs += everyNs;
        on(new PlacementEvent.Tick());
        assertThat(state.unitsWithoutNode()).as("nothing is lost by waiting").isEmpty();
    }

    @Test
    void shouldLetANodeGoThatLeavesBeforeTheFirstEpoch() {
        on(registered(0, 100));
        on(registered(1, 101));
        on(new CoordinatorCommand.NodeLeaving(0, 100, "changed its mind"));

        assertThat(Epochs.round(state.placement().epoch())).isZero();
        assertThat(effects(PlacementEffect.GrantLeave.class)).hasSize(1);
    }

    @Test
    void shouldLetTheLastNodeGoOnceNoRouterNeedsIt() {
        form();
        on(new CoordinatorCommand.NodeLeaving(0, 100, "all stops"));
        on(new CoordinatorCommand.NodeLeaving(1, 101, "all stops"));
        assertThat(effects(PlacementEffect.GrantLeave.class)).isEmpty();

        on(new PlacementEvent.RouterGone(0, 5, "left in order"));

        assertThat(effects(PlacementEffect.GrantLeave.class)).hasSize(2);
    }

    @Test
    void shouldRefuseAnotherClusterAnotherModelAndAUsedId() {
        on(registered(0, 100));
        on(new PlacementEvent.NodeRegistered(hello("wonderland", "f00d", 1, 101)));
        on(new PlacementEvent.NodeRegistered(hello("cheshire", "beef", 1, 101)));
        on(registered(0, 999));

        assertThat(effects(PlacementEffect.RefuseNode.class))
                .extracting(PlacementEffect.RefuseNode::reason, PlacementEffect.RefuseNode::retry)
                .satisfiesExactly(
                        cluster -> assertThat(cluster.toList()).asString().contains("wonderland", "cheshire", "false"),
                        model -> assertThat(model.toList()).asString().contains("beef", "f00d", "false"),
                        id -> assertThat(id.toList()).asString().contains("id 0", "100", "true"));
        assertThat(notes(ClusterEvent.Kind.REFUSED)).hasSize(3);
        assertThat(state.nodes()).hasSize(1);
    }

    /** Routers would be told of it again with every placement. */
    @ParameterizedTest
    @ValueSource(strings = {"", "aeron:tcp?endpoint=10.0.0.3:40123", "aeron:udp?endpoint=10.0.0.3:40123|mtu=64"})
    void shouldRefuseANodeWhoseChannelNoRouterOpens(final String channel) {
        on(new PlacementEvent.NodeRegistered(new NodeHello(
                "cheshire", "f00d", new NodeEndpoint(7, 107, channel, 7), 1_000, 10, 0, 0, List.of(), "")));

        assertThat(effects(PlacementEffect.RefuseNode.class)).singleElement().satisfies(refusal -> {
            assertThat(refusal.retry()).isFalse();
            assertThat(refusal.reason()).contains("channel " + channel + ",", "--channel");
        });
        assertThat(state.nodes()).isEmpty();
    }

    @Test
    void shouldLetANewIncarnationReplaceASilentOne() {
        form();
        nowNs = 1_500 * MS;

        on(registered(1, 999));

        assertThat(state.nodes().get(1).hello().incarnation()).isEqualTo(999);
        assertThat(state.unitsWithoutNode())
                .as("what the old one held is not there")
                .hasSize(4);
    }

    @Test
    void shouldContinueWithAHigherEpochAfterAnotherCoordinator() {
        on(new PlacementEvent.RouterRegistered(
                new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 5, Epochs.of(41, 777), 777)));
        on(new PlacementEvent.NodeRegistered(holding(0, 100)));
        on(new PlacementEvent.NodeRegistered(holding(1, 101)));

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(42);
        assertThat(state.unitsWithoutNode()).isEmpty();
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(42, PUBLISHER), PUBLISHER));
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
    }

    @Test
    void shouldGoAboveAnEpochThatAnotherCoordinatorPublishedMeanwhile() {
        form();

        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(1, 777), 777));

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(2);
        assertThat(notes(ClusterEvent.Kind.EPOCH_SEEN)).hasSize(1);
    }

    @Test
    void shouldSendAnEpochAgainUntilItIsAcknowledged() {
        form();
        on(new PlacementEvent.NodeGone(1, 101, "killed"));
        effects.clear();

        nowNs += 1_000 * MS;
        on(new PlacementEvent.Tick());
        assertThat(effects(PlacementEffect.Publish.class)).hasSize(1);
    }

    private void form() {
        registerRouter();
        on(registered(0, 100));
        on(registered(1, 101));
        loadOnce();
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, Epochs.of(1, PUBLISHER), PUBLISHER));
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
    }

    private void loadAllBut(final ExpertKey but) {
        state.nodes()
                .forEach((nodeId, node) -> node.loading().keySet().stream()
                        .filter(key -> !key.equals(but))
                        .forEach(key -> on(new CoordinatorCommand.UnitLoaded(
                                nodeId, node.hello().incarnation(), Held.unit(key)))));
    }

    private static PlacementEvent registered(final int nodeId, final long incarnation) {
        return new PlacementEvent.NodeRegistered(hello("cheshire", "f00d", nodeId, incarnation));
    }

    private static NodeHello hello(
            final String cluster, final String fingerprint, final int nodeId, final long incarnation) {
        return new NodeHello(cluster, fingerprint, endpoint(nodeId, incarnation), 1_000, 10, 0, 0, List.of(), "");
    }

    /** A node that kept its home units of a cluster of two, under epoch 40 of another coordinator. */
    private static NodeHello holding(final int nodeId, final long incarnation) {
        final List<ExpertKey> units = new ArrayList<>();
        for (int unit = 0; unit < TestRules.MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, TestRules.MODEL.expertsPerLayer());
            if (key.expert() % 2 == nodeId) {
                units.add(key);
            }
        }
        return new NodeHello(
                "cheshire",
                "f00d",
                endpoint(nodeId, incarnation),
                1_000,
                10,
                Epochs.of(40, 777),
                777,
                Held.units(units),
                "");
    }

    private static NodeEndpoint endpoint(final int nodeId, final long incarnation) {
        return new NodeEndpoint(nodeId, incarnation, "aeron:ipc", nodeId);
    }
}
