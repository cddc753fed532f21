package io.cheshire.router.control;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.Held;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.PlacementTarget;
import io.cheshire.router.core.RouterEffect;
import io.cheshire.router.core.RouterInput;
import io.cheshire.router.core.RouterLife;
import io.cheshire.router.core.RouterRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One start of a router. From the moment that a placement is to be applied until its device says that no shard of an
 * older one is open it may use both.
 */
final class RigRouter extends RigMember {
    private final int routerId;
    private final long incarnation;
    private final RouterLife life;

    /** The placements that it may still use, the newest last. */
    private final List<Placement> used = new ArrayList<>();

    RigRouter(final int routerId, final long incarnation) {
        this.routerId = routerId;
        this.incarnation = incarnation;
        this.life = new RouterLife(
                new RouterRules("cheshire", routerId, incarnation, "f00d", Held.ROUTER, Duration.ofSeconds(4)));
        registerDue();
    }

    int routerId() {
        return routerId;
    }

    long incarnation() {
        return incarnation;
    }

    boolean mayUse(final int nodeId, final ExpertKey key) {
        return used.stream().anyMatch(placement -> placement.nodesOf(key).contains(nodeId));
    }

    /** Whether it uses this placement and no other. */
    boolean usesOnly(final Placement placement) {
        return used.equals(List.of(placement));
    }

    /** It gets no answer for these units under the placement that it uses, until it is told otherwise. */
    void unanswered(final List<ExpertKey> keys) {
        step(new RouterInput.Looked(
                new PlacementTarget.Unanswered(life.acknowledged().epoch(), keys)));
    }

    @Override
    CommandFence fence() {
        return life.acknowledged();
    }

    @Override
    void hear(final ControlMessage message) {
        step(new RouterInput.Told((RouterCommand.FromCoordinator) message));
    }

    @Override
    void registerDue() {
        step(new RouterInput.RegisterDue());
    }

    @Override
    void reportDue() {
        step(new RouterInput.ReportDue());
    }

    private void step(final RouterInput input) {
        life.step(input).forEach(this::perform);
    }

    private void perform(final RouterEffect effect) {
        switch (effect) {
            case RouterEffect.Register(final RouterHello hello) ->
                say(new CoordinatorInput.RouterRegisters<>(hello, this));
            case RouterEffect.Tell(final CoordinatorCommand.OneWay message) -> tell(message);
            case final RouterEffect.Report report ->
                say(new CoordinatorInput.RouterReports<>(counted(report), report.refreshId(), this));
            case RouterEffect.Apply(final CommandFence offered, final Placement placement, final var nodes) -> {
                used.add(placement);
                device.add(() -> {
                    used.removeIf(older -> older.epoch() < offered.epoch());
                    step(new RouterInput.Applied(offered));
                });
            }
            case RouterEffect.Stop(final boolean inOrder) -> throw new AssertionError(this + " was refused");
            case final RouterEffect.StartLeaveTimer timer -> {}
            case final RouterEffect.Transition transition -> {}
            case final RouterEffect.Log line -> {}
        }
    }

    private RouterReport counted(final RouterEffect.Report report) {
        return new RouterReport(
                routerId,
                incarnation,
                report.state(),
                report.epoch(),
                true,
                List.of(),
                AnswerRows.NONE,
                UnitTraffic.NONE);
    }

    @Override
    public String toString() {
        return "router " + routerId + " of start " + incarnation + ": " + life;
    }
}
