package io.cheshire.ops.runtime.process;

import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.runtime.engine.EngineAgent;
import java.util.List;

/** What the console shows of a router's process. Safe from any thread. */
record RouterFacts(EngineAgent engine, List<Setting> settings, List<Fact> about) implements ConsoleFacts {
    @Override
    public List<NodeHealth> links() {
        return engine.nodeHealth();
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
