package io.cheshire.planner.core.report;

import io.cheshire.planner.core.screen.FleetPlacement;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import io.cheshire.planner.protocol.plan.FleetOptions.Apart;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.Locale;

/** Writes a chosen fleet as what deploys it: one cell of it, where it has several. */
public final class EmittedFleet {
    private static final long MIB = 1 << 20;
    private static final int DEFAULT_CONTEXT = 8_192;
    /** Beside weights and cache: heap, the JVM and /dev/shm. */
    private static final long JVM_MIB = 300;

    private static final long NODE_HEAP_MIB = 1_024;
    private static final long ROUTER_HEAP_MIB = 2_048;

    private final PlanAnswer answer;
    private final CapacityPlan plan;
    private final FleetShape fleet;
    private final MemoryBudget memory;

    public EmittedFleet(final PlanAnswer answer) {
        this.answer = answer;
        this.plan = answer.plan();
        this.fleet = answer.chosen().fleet();
        this.memory = MemoryBudget.of(plan, fleet);
    }

    /** As asked. */
    public String as(final EmitTarget target) {
        return switch (target) {
            case HELM -> helm();
            case HOCON -> hocon();
            case LOCAL_CLUSTER -> localCluster();
        };
    }

    private String heading() {
        final StringBuilder text = new StringBuilder();
        VerdictWords.of(plan, answer.chosen()).forEach(sentence -> wrap(text, sentence));
        if (fleet.cells() > 1) {
            wrap(
                    text,
                    "This is one of " + fleet.cells()
                            + " clusters alike: install it so many times, behind a balancer.");
        }
        wrap(text, "Made by: " + answer.command());
        return text.toString();
    }

    /** As comments of at most 110 columns. */
    private static void wrap(final StringBuilder text, final String sentence) {
        StringBuilder line = new StringBuilder("#");
        for (final String word : sentence.split(" ", -1)) {
            if (line.length() + word.length() > 108) {
                text.append(line).append('\n');
                line = new StringBuilder("#  ");
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }

    private boolean isGpu() {
        return plan.nodeClass().device() == Device.GPU;
    }

    private String helm() {
        final long weights = mib(memory.node().weights() + memory.node().copies() + roomForOne());
        final long shm = 48 + 6L * (8 + 2) * 2;
        final long nodeMemory = NODE_HEAP_MIB + JVM_MIB + 512 + (isGpu() ? 4_096 : weights) + shm;
        final long routerWeights = mib(memory.router().weights());
        final long kv = mib(memory.kvTokens() * plan.model().kvBytesPerToken());
        final long routerMemory = ROUTER_HEAP_MIB + JVM_MIB + 1_024 + routerWeights + kv + 12L * fleet.nodes();
        final int nodes = fleet.nodes() + fleet.spares();
        return heading()
                + "# Name your claim and Secrets; routers of nodes with GPUs need expert-numerics (docs/gpu.md).\n"
                + "model: {source: pvc, name: " + plan.model().name() + "}\n"
                + "cluster: {nodes: " + fleet.nodes() + ", copies: " + fleet.replicas() + ", udpMtuBytes: 8960}\n"
                + "expertNode:\n"
                + "  replicas: " + nodes + "\n"
                + (isGpu() ? "  device: gpu\n  kernels: cuda\n  gpu: {count: 1}\n" : "")
                + "  heap: 1Gi\n"
                + "  weightsBytes: " + weights + "Mi\n"
                + "  resources:\n"
                + "    requests: {cpu: \"4\", memory: " + nodeMemory + "Mi}\n"
                + "    limits: {memory: " + nodeMemory + "Mi}\n"
                + (isGpu() ? "  spread: {whenUnsatisfiable: ScheduleAnyway}\n" : "")
                + racks(nodes)
                + "router:\n"
                + "  replicas: " + fleet.routers() + "\n"
                + "  heap: 2Gi\n"
                + "  kvBytes: " + kv + "Mi\n"
                + "  weightsBytes: " + routerWeights + "Mi\n"
                + "  resources:\n"
                + "    requests: {cpu: \"16\", memory: " + routerMemory + "Mi}\n"
                + "    limits: {memory: " + routerMemory + "Mi}\n"
                + "config: |\n" + hoconBody("  ")
                + "plan:\n"
                + "  saturationRate: "
                + round(answer.chosen().screen().saturation().mid() / fleet.cells()) + "\n"
                + "  itlP99Seconds: "
                + round(answer.chosen().screen().bands().itlP99Ms().high() / 1e3) + "\n";
    }

    private static String round(final double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "0";
    }

    private static long mib(final double bytes) {
        return (long) Math.ceil(bytes / MIB);
    }

    /** Bytes of a node for its share of one lost node's units, if the plan counts on room for them. */
    private double roomForOne() {
        final double held = memory.node().weights() + memory.node().copies();
        return memory.roomForNode() ? 1.1 * held / Math.max(1, fleet.nodes() - 1) : 0;
    }

    private String racks(final int nodes) {
        final int racks = plan.fleet().racks();
        if (racks < 2 || plan.fleet().apart() != Apart.RACK) {
            return "";
        }
        final StringBuilder text = new StringBuilder("  failureDomain: {source: rack}\n  racks:\n");
        int first = 0;
        for (int rack = 0; rack < racks; rack++) {
            int count = 0;
            while (first + count < nodes && FleetPlacement.rackOf(first + count, nodes, racks) == rack) {
                count++;
            }
            text.append("    - {name: rack-")
                    .append(rack + 1)
                    .append(", replicas: ")
                    .append(count)
                    .append(", firstId: ")
                    .append(first)
                    .append("}\n");
            first += count;
        }
        return text.toString();
    }

    private String hoconBody(final String indent) {
        final double longest = plan.load().lengths().longest();
        final StringBuilder text = new StringBuilder();
        text.append(indent)
                .append("cheshire.router.engine.lanes = ")
                .append(fleet.lanes())
                .append('\n');
        if (longest > DEFAULT_CONTEXT) {
            text.append(indent)
                    .append("cheshire.router.engine.context-limit = ")
                    .append((long) Math.min(plan.model().contextLimit(), 1_024 * Math.ceil(longest / 1_024)))
                    .append('\n');
        }
        if (!plan.fleet().network().frameMac()) {
            text.append(indent).append("cheshire.transport.frame-mac = off\n");
        }
        if (isGpu()) {
            text.append(indent).append("cheshire.router.engine.split.ridge-rows = 300\n");
        }
        return text.toString();
    }

    private String hocon() {
        return heading()
                + "cheshire.coordinator.expected-nodes = " + fleet.nodes() + "\n"
                + "cheshire.coordinator.replicas = " + fleet.replicas() + "\n"
                + "cheshire.router.engine.kv.bytes = "
                + (long) (memory.kvTokens() * plan.model().kvBytesPerToken()) + "\n"
                + hoconBody("");
    }

    private String localCluster() {
        return heading()
                + "./cheshire local-cluster --model DIR --nodes " + fleet.nodes() + " --replicas " + fleet.replicas()
                + (fleet.routers() > 1 ? "   # local-cluster has one router; the plan has " + fleet.routers() : "")
                + "\n";
    }
}
