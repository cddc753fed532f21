package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Strikes a cluster as planned, and sees when it is whole again. */
final class ExactStrikes {
    private static final long LOOK_NS = 20 * World.MS;
    private static final String REASON = "a plan";
    /** Nothing struck, or it isn't whole yet. */
    static final long NEVER = -1;

    private final SimContext context;
    private final World world;
    private final SimHosts hosts;
    private final CellPlan plan;
    private final ExactLoad load;
    /** Struck dumb; one that merely pauses for some milliseconds is whole. */
    private final Set<SimProcess> silent = new HashSet<>();

    private long struckNs = NEVER;
    private long wholeNs = NEVER;
    private int underWay;

    ExactStrikes(final SimContext context, final SimHosts hosts, final CellPlan plan, final ExactLoad load) {
        this.context = context;
        this.world = context.world();
        this.hosts = hosts;
        this.plan = plan;
        this.load = load;
    }

    /** Plans all of them. */
    void begin(final List<Strike> strikes) {
        underWay = strikes.size();
        for (final Strike strike : strikes) {
            world.after(strike.atNs(), () -> begin(strike));
        }
        if (!strikes.isEmpty()) {
            world.after(strikes.getFirst().atNs() + 1, this::look);
        }
    }

    /** From the first strike until everything was whole for good; {@link #NEVER} when it isn't. */
    long untilWholeNs() {
        return struckNs == NEVER || wholeNs == NEVER || underWay > 0 ? NEVER : wholeNs - struckNs;
    }

    /** Whether nothing is under way any more. */
    boolean areOver() {
        return underWay == 0 && (struckNs == NEVER || wholeNs != NEVER);
    }

    private SimNode node(final Strike strike) {
        return hosts.nodes().get(strike.target());
    }

    private void begin(final Strike strike) {
        struckNs = struckNs == NEVER ? world.nowNs() : struckNs;
        switch (strike.kind()) {
            case KILL -> {
                node(strike).crash("killed");
                world.after(plan.recovery().restartNs(), () -> {
                    node(strike).start();
                    underWay--;
                });
            }
            case SILENCE -> {
                node(strike).pauseUntil(world.nowNs() + strike.lastingNs());
                silent.add(node(strike));
                world.after(strike.lastingNs(), () -> {
                    silent.remove(node(strike));
                    underWay--;
                });
            }
            case SLOW -> {
                node(strike).setComputeSlowdown(strike.factor());
                world.after(strike.lastingNs(), () -> {
                    node(strike).setComputeSlowdown(1);
                    underWay--;
                });
            }
            case DRAIN -> {
                ask(new OperatorRequest.Drain(strike.target(), REASON));
                world.after(strike.lastingNs(), () -> {
                    ask(new OperatorRequest.Undrain(strike.target(), REASON));
                    underWay--;
                });
            }
            case ROLLING_UPDATE -> replace(0);
            case ROUTER_KILL -> {
                final SimRouter router = hosts.routers().get(strike.target());
                router.crash("killed");
                load.routerDied(strike.target());
                world.after(plan.recovery().restartNs(), () -> {
                    router.start();
                    underWay--;
                });
            }
        }
    }

    /** One after the other, each once the one before serves again and every unit has its copies. */
    private void replace(final int index) {
        if (index == hosts.nodes().size()) {
            underWay--;
            return;
        }
        final SimNode node = hosts.nodes().get(index);
        final int life = node.life();
        node.leave();
        awaitReplaced(node, life, index);
    }

    private void awaitReplaced(final SimNode node, final int life, final int index) {
        // An end and a start each count as one.
        if (node.life() >= life + 2 && isWhole()) {
            replace(index + 1);
        } else {
            world.after(LOOK_NS, () -> awaitReplaced(node, life, index));
        }
    }

    private void ask(final OperatorRequest request) {
        final SimCoordinator leader = context.cluster().active();
        if (leader != null) {
            leader.ask(request);
        }
    }

    private void look() {
        if (!isWhole()) {
            wholeNs = NEVER;
        } else if (wholeNs == NEVER) {
            wholeNs = world.nowNs();
        }
        world.after(LOOK_NS, this::look);
    }

    private boolean isWhole() {
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null || !leader.isLeading() ? null : leader.state();
        return state != null
                && state.phase() == Phase.STEADY
                && hosts.serving().stream().allMatch(each -> each.isUp() && !silent.contains(each))
                && hosts.nodes().stream().allMatch(node -> isPublished(node, state))
                && state.placement().nodesByUnit().stream()
                        .allMatch(nodes -> nodes.size() >= plan.size().replicas());
    }

    /** Whether routers were told of this life of the node: until then, who is listed is the one that died. */
    private static boolean isPublished(final SimNode node, final PlacementState state) {
        return state.endpoints().stream()
                .anyMatch(endpoint -> endpoint.incarnation() == node.endpoint().incarnation());
    }
}
