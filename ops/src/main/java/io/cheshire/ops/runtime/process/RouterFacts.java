package io.cheshire.ops.runtime.process;

import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.http.core.console.LatencySteps;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.WaitHistogram;
import java.util.List;
import java.util.Map;

/** What the console shows of a router's process. Safe from any thread. */
record RouterFacts(EngineAgent engine, List<Setting> settings, List<Fact> about) implements ConsoleFacts {
    private static final double NS_PER_SECOND = 1e9;

    @Override
    public List<NodeHealth> links() {
        return engine.nodeHealth();
    }

    @Override
    public void counted(final Map<String, Double> counters) {
        engine.stragglers().byNode().forEach((node, count) -> counters.put("last." + node, (double) count));
        final WaitHistogram waits = engine.metrics().layerWaits();
        // The last class has no end; the first is too narrow to be told from the second in a name.
        final int steps = waits.classes() - 2;
        final double[] upTo = new double[steps];
        final double[] cumulative = new double[steps];
        double sum = waits.count(0);
        for (int i = 0; i < steps; i++) {
            sum += waits.count(i + 1);
            upTo[i] = waits.upToNs(i + 1) / NS_PER_SECOND;
            cumulative[i] = sum;
        }
        LatencySteps.addTo(counters, "layerwait", upTo, cumulative, sum + waits.count(steps + 1));
    }

    /** Facts of the program and of what it serves. */
    static RouterFacts of(final MemberProcess process, final RouterEngine router) {
        final ServedModel model = process.model();
        final Runtime.Version java = Runtime.version();
        return new RouterFacts(
                router.engine(),
                process.config().role().settings(),
                List.of(
                        new Fact("Model", model.name()),
                        new Fact("Model fingerprint", model.fingerprint()),
                        new Fact(
                                "Layers, experts",
                                model.config().layerCount() + " layers of "
                                        + model.config().expertCount() + " experts"),
                        new Fact("Router weights (SHA-256)", router.weightsSha256()),
                        new Fact("Numerics", model.numerics(process.device().kernels())),
                        new Fact("Kernels", process.device().kernels().description()),
                        new Fact("Java", java + ", " + System.getProperty("java.vm.name")),
                        new Fact(
                                "System",
                                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                                        + System.getProperty("os.arch") + ", "
                                        + Runtime.getRuntime().availableProcessors() + " processors"),
                        new Fact(
                                "Process", Long.toString(ProcessHandle.current().pid()))));
    }
}
