package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.ops.runtime.OpsClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire cluster drain NODE}: returns once the node may be stopped without anybody noticing. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description = "Moves a node's units elsewhere and waits until no router uses it, so that it may be stopped.")
final class ClusterDrainCommand implements Callable<Integer> {
    private static final int NOT_YET = 1;
    private static final long POLL_MS = 500;

    @Mixin
    private OpsOptions options = new OpsOptions();

    @Parameters(paramLabel = "NODE")
    private int node;

    @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
    private String reason = "";

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Longest wait; 0 returns at once. Default: ${DEFAULT-VALUE}.")
    private long waitSeconds;

    @Option(
            names = "--for",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Back in use after so long by itself; 0: when somebody undrains it.")
    private int forSeconds;

    @Override
    public Integer call() throws InterruptedException {
        final Map<String, Object> body = new HashMap<>(Map.of("node", node, "reason", reason));
        if (forSeconds != 0) {
            body.put("for_ms", Duration.ofSeconds(forSeconds).toMillis());
        }
        final long startNs = System.nanoTime();
        try (OpsClient client = options.client()) {
            JsonNode answer = client.post("drain", body);
            int shown = -1;
            while (System.nanoTime() - startNs < Duration.ofSeconds(waitSeconds).toNanos()) {
                final JsonNode state = client.cluster();
                final JsonNode view = viewOf(state);
                if (view.isMissingNode() || isDone(view)) {
                    options.print(state, ignored -> "node " + node + " may stop: no router uses it\n");
                    return 0;
                }
                if (!view.path("state").asText().equals("DRAINING")) {
                    // Another coordinator took over: it has to be told again.
                    answer = client.post("drain", body);
                }
                final int listed = listed(state);
                if (listed != shown) {
                    System.err.println("node " + node + ": " + listed + " units to go");
                    shown = listed;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            }
            options.print(answer, ignored -> "node " + node + " drains, and a router still uses it\n");
            return waitSeconds == 0 ? 0 : NOT_YET;
        }
    }

    private JsonNode viewOf(final JsonNode state) {
        for (final JsonNode view : state.path("nodes")) {
            if (view.path("nodeId").asInt() == node) {
                return view;
            }
        }
        return state.path("no such node");
    }

    private static boolean isDone(final JsonNode view) {
        return view.path("state").asText().equals("DRAINING")
                && view.path("unused").asBoolean();
    }

    private int listed(final JsonNode state) {
        int listed = 0;
        for (final JsonNode nodes : state.path("placement").path("nodesByUnit")) {
            for (final JsonNode holder : nodes) {
                listed += holder.asInt() == node ? 1 : 0;
            }
        }
        return listed;
    }
}
