package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a coordinator's life does around its placement machine; places are words. */
class CoordinatorLifeTest {
    private static final PlacementRules RULES = TestRules.placement(1, 1, 1);
    private static final long LIVE_NS = RULES.members().liveWindowNs();

    private final List<CoordinatorEffect<String>> effects = new ArrayList<>();
    private final CoordinatorLife<String> life = new CoordinatorLife<>(
            new CoordinatorRules(RULES, 10, 5, 8, 1, 60_000 * TestRules.MS, 500 * TestRules.MS),
            new Words(),
            new FailingBalancer(),
            StepObserver.NONE,
            0);
    private long nowNs;

    private record Words() implements Whereabouts<String> {
        @Override
        public String path(final String place) {
            return place;
        }

        @Override
        public boolean isInThisProcess(final String place) {
            return place.startsWith("here");
        }
    }

    private record FailingBalancer() implements Rebalancing {
        @Override
        public void reported(final RouterReport report) {}

        @Override
        public RebalancePlan round(
                final PlacementState state, final List<NodeHello> nodes, final Set<Integer> routerIds) {
            throw new ArithmeticException("no such load");
        }
    }

    @Test
    void shouldGoAboveTheEpochThatARouterReports() {
        joinNode("node");
        joinRouter();
        final long theirs = Epochs.of(50, 99);
        hear(new CoordinatorInput.RouterReports<>(report(theirs), 0, "router"));
        nowNs += 10_000 * TestRules.MS;
        hear(new CoordinatorInput.TickDue<>());

        assertThat(notes(ClusterEvent.Kind.EPOCH_SEEN)).hasSize(1);
        assertThat(life.state().placement().epoch()).isGreaterThan(theirs);
    }

    @Test
    void shouldNotMindALowerEpochThatARouterReports() {
        joinNode("node");
        joinRouter();
        final PlacementState before = life.state();
        hear(new CoordinatorInput.RouterReports<>(report(0), 0, "router"));

        assertThat(notes(ClusterEvent.Kind.EPOCH_SEEN)).isEmpty();
        assertThat(life.state().placement()).isEqualTo(before.placement());
    }

    @Test
    void shouldLetARouterGoThatLeaves() {
        joinRouter();
        hear(new CoordinatorInput.Told<>(new CoordinatorCommand.RouterLeaving(0, 5, "planned")));

        assertThat(said("router")).last().isInstanceOf(RouterCommand.LeaveGranted.class);
        assertThat(effects).contains(new CoordinatorEffect.Unwatch<>("router"));
        assertThat(life.routers()).isEmpty();
    }

    @Test
    void shouldRemoveANodeThatIsSaidToHaveEndedUnlessItReports() {
        joinNode("node");
        hear(new CoordinatorInput.Asked<>(new OperatorRequest.Down(0, "exit status 137"), "operator"));
        final var timer = (CoordinatorEffect.StartTimer<String>) effects.stream()
                .filter(CoordinatorEffect.StartTimer.class::isInstance)
                .findFirst()
                .orElseThrow();
        nowNs += timer.delayNs();
        hear(new CoordinatorInput.NodeReports<>(report(List.of()), 0, "node"));
        hear(timer.due());
        assertThat(life.nodes()).hasSize(1);
        assertThat(notes(ClusterEvent.Kind.REFUSED)).hasSize(1);

        nowNs += LIVE_NS;
        hear(timer.due());
        assertThat(effects).contains(new CoordinatorEffect.Down<>("node"));
        assertThat(life.nodes()).isEmpty();
        assertThat(life.state().nodes()).isEmpty();
    }

    @Test
    void shouldPutANodeBackInUseWhenTheTimeOfItsDrainIsOver() {
        joinNode("node");
        final CoordinatorInput<String> over = drainedForASecond();
        assertThat(life.state().isDraining(0)).isTrue();

        hear(over);
        assertThat(life.state().isDraining(0)).isFalse();
    }

    @Test
    void shouldLeaveADrainAloneThatSomebodyAskedForMeanwhile() {
        joinNode("node");
        final CoordinatorInput<String> first = drainedForASecond();
        final CoordinatorInput<String> second = drainedForASecond();
        hear(first);
        assertThat(life.state().isDraining(0)).as("a newer one").isTrue();

        hear(new CoordinatorInput.Asked<>(new OperatorRequest.Drain(0, "for good"), "operator"));
        hear(second);
        assertThat(life.state().isDraining(0)).as("one without end").isTrue();
    }

    /** What is due when its time is over. */
    private CoordinatorInput<String> drainedForASecond() {
        effects.clear();
        hear(new CoordinatorInput.Asked<>(new OperatorRequest.DrainFor(0, 1_000, "a trial"), "operator"));
        final var timer = (CoordinatorEffect.StartTimer<String>) effects.stream()
                .filter(CoordinatorEffect.StartTimer.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertThat(timer.delayNs()).isEqualTo(1_000 * TestRules.MS);
        return timer.due();
    }

    @Test
    void shouldNotRemoveANodeOfItsOwnProcess() {
        joinNode("here too");
        hear(new CoordinatorInput.Asked<>(new OperatorRequest.Down(0, "exit status 137"), "operator"));

        assertThat(said("operator"))
                .singleElement()
                .isInstanceOfSatisfying(
                        AdminReply.class, reply -> assertThat(reply.accepted()).isFalse());
    }

    @Test
    void shouldSayThatTheBalancerFailedAndGoOn() {
        joinNode("node");
        hear(new CoordinatorInput.Asked<>(new OperatorRequest.RebalanceNow(""), "operator"));

        assertThat(effects).anyMatch(CoordinatorEffect.BalancerFailed.class::isInstance);
        assertThat(life.health(nowNs).ready()).isFalse();
        assertThat(said("operator"))
                .singleElement()
                .isInstanceOfSatisfying(
                        AdminReply.class, reply -> assertThat(reply.message()).contains("no such load"));
    }

    @Test
    void shouldSayInATrialTooThatTheBalancerFailed() {
        joinNode("node");
        hear(new CoordinatorInput.Asked<>(new OperatorRequest.RebalanceTrial(""), "operator"));

        assertThat(said("operator"))
                .singleElement()
                .isInstanceOfSatisfying(
                        AdminReply.class, reply -> assertThat(reply.message()).contains("no such load"));
    }

    @Test
    void shouldNotWatchANodeTwiceThatRegistersAgain() {
        joinNode("node");
        joinNode("node");

        assertThat(effects.stream().filter(CoordinatorEffect.Watch.class::isInstance))
                .hasSize(1);
        assertThat(said("node").stream().filter(ExpertNodeCommand.NodeAccepted.class::isInstance))
                .hasSize(2);
    }

    private void hear(final CoordinatorInput<String> input) {
        effects.addAll(life.step(input, nowNs));
    }

    private void joinNode(final String place) {
        hear(new CoordinatorInput.NodeRegisters<>(DrivenMachine.hello(0, 100, 1_000, List.of()), place));
    }

    private void joinRouter() {
        hear(new CoordinatorInput.RouterRegisters<>(
                new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 5, 0, 0), "router"));
    }

    private static RouterReport report(final long epoch) {
        return new RouterReport(
                0,
                5,
                NodeState.SERVING,
                epoch,
                true,
                List.of(),
                AnswerRows.NONE,
                new UnitTraffic(List.of(), List.of()));
    }

    private static NodeReport report(final List<ExpertKey> resident) {
        return new NodeReport(0, 100, NodeState.SERVING, Held.units(resident), List.of(), 0, "");
    }

    private List<ControlMessage> said(final String place) {
        return effects.stream()
                .filter(CoordinatorEffect.Tell.class::isInstance)
                .map(effect -> (CoordinatorEffect.Tell<String>) effect)
                .filter(tell -> tell.to().equals(place))
                .map(CoordinatorEffect.Tell::message)
                .toList();
    }

    private List<String> notes(final ClusterEvent.Kind kind) {
        return effects.stream()
                .filter(CoordinatorEffect.Note.class::isInstance)
                .map(effect -> (CoordinatorEffect.Note<String>) effect)
                .filter(note -> note.kind() == kind)
                .map(CoordinatorEffect.Note::reason)
                .toList();
    }
}
