package io.cheshire.http.runtime.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.http.core.console.ChaosState;
import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.router.core.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Where the console's figures come from.
 *
 * @param engine   this router's
 * @param registry its meters
 * @param cluster  asks the coordinator for the state; completes exceptionally when none answers
 * @param facts    what is known of the process beside
 * @param model    name of the model served
 * @param draining the server is stopping
 * @param chaos    experiments
 */
public record ConsoleSource(
        Engine engine,
        MeterRegistry registry,
        Supplier<CompletionStage<ClusterState>> cluster,
        ConsoleFacts facts,
        String model,
        BooleanSupplier draining,
        Supplier<ChaosState> chaos) {
    /** Adds how this router is. */
    void state(final ObjectNode picture) {
        picture.put("modelName", model);
        picture.put("ready", engine.status().ready());
        picture.put("draining", draining.getAsBoolean());
        chaos.get().addTo(picture);
        picture.put("contextTokens", engine.status().contextTokens());
    }
}
