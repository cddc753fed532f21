package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.process.CpuWatch;
import io.cheshire.chaos.runtime.JsonClient;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A cluster that runs already: it is asked what an operator may ask, and nothing is done to its processes. */
final class RunningSite implements ExperimentSite {
    /**
     * What both listeners ask for.
     *
     * @param api of the API, or null where it asks for none
     * @param ops of the operations listener, or null where it asks for none
     */
    record Keys(@Nullable String api, @Nullable String ops) {}

    private final JsonClient api;
    private final JsonClient ops;
    private final OperatorFaults operator;

    /** @param keys of both listeners */
    RunningSite(final String api, final String ops, final Keys keys, final Consumer<String> progress) {
        this.api = new JsonClient(address("api", api), keys.api);
        this.ops = new JsonClient(address("ops", ops), keys.ops);
        this.operator = new OperatorFaults(this.ops, progress);
    }

    private static URI address(final String name, final String text) {
        if (!text.matches("https?://[^/\\s]+/?")) {
            throw new ExperimentRefused(
                    name + ": \"" + text + "\" is no address of a listener; write http://127.0.0.1:9090");
        }
        return URI.create(text);
    }

    @Override
    public List<JsonClient> apis() {
        return List.of(api);
    }

    @Override
    public JsonClient ops() {
        return ops;
    }

    @Override
    public void begin(final ResolvedFault fault) {
        switch (fault.fault().kind()) {
            case MOVE -> operator.moveMeanwhile(fault);
            case DRAIN ->
                operator.drain(
                        fault.nodes(), Objects.requireNonNull(fault.fault().lasting()));
            case KILL,
                    STOP,
                    TERMINATE,
                    COORDINATOR_KILL,
                    ROUTER_KILL,
                    PARTITION,
                    LOSS,
                    DELAY,
                    SLOW_NODE,
                    FAILED_LOAD,
                    GPU_ERROR,
                    GPU_HANG,
                    GPU_BIT_FLIP,
                    GPU_OUT_OF_MEMORY,
                    GPU_REFUSAL ->
                throw new IllegalStateException(fault.fault().kind().word() + " can't be done to a running cluster");
        }
    }

    @Override
    public void end(final ResolvedFault fault) {
        operator.undrain(fault.nodes());
    }

    @Override
    public boolean isBack() {
        return true;
    }

    @Override
    public @Nullable CpuWatch watchCores() {
        return null;
    }

    @Override
    public void heal() {
        operator.undrainAll();
    }

    @Override
    public void close() {
        api.close();
        ops.close();
    }
}
