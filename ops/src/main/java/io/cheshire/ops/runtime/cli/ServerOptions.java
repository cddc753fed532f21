package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.runtime.routing.RecorderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that every command which starts a server understands. Each sets one configuration key; {@code -D} sets any. */
final class ServerOptions {
    @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint directory. Default: models/cheshire-mini.")
    private @Nullable Path model;

    @Option(
            names = "--served-model-name",
            paramLabel = "NAME",
            arity = "1..*",
            description = "Name under which the API offers the model; more names, or the flag again, are further ones."
                    + " Answers bear the first. Default: the directory's name.")
    private List<String> servedNames = new ArrayList<>();

    @Option(
            names = "--precision",
            paramLabel = "bf16|fp32|int8|int4",
            description = "How matmuls are computed. Default: bf16.")
    private @Nullable String precision;

    @Option(names = "--nodes", paramLabel = "N", description = "Expert nodes. Default: 16.")
    private @Nullable Integer nodes;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description =
                    "Nodes that hold each unit, as far as memory goes. Default: 2; 1 where all nodes share a process.")
    private @Nullable Integer replicas;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Address of the API. Default: 127.0.0.1.")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Port of the API; 0 takes a free one. Default: 8000.")
    private @Nullable Integer port;

    @Option(
            names = "--ops-port",
            paramLabel = "PORT",
            description =
                    "Port of operations (/health, /metrics, /admin); 0 takes a free one. Default: 9090 of a router,"
                            + " 9089 of a coordinator, 19000 and its number of an expert node.")
    private @Nullable Integer opsPort;

    @Option(
            names = "--record-routing",
            paramLabel = "FILE",
            description = "Record which experts the gate chooses, for `cheshire balance`. The file must not exist yet.")
    private @Nullable Path routingTrace;

    @Option(names = "--config", paramLabel = "FILE", description = "HOCON file; flags win over it.")
    private @Nullable Path config;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "Any configuration key, for example -Dcheshire.router.engine.lanes=3.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /** The flags as configuration, merged over file and defaults. */
    Settings settings() {
        return Settings.load(config, flags());
    }

    /** The flags alone. */
    Map<String, Object> flags() {
        final Map<String, Object> flags = new LinkedHashMap<>(overrides);
        put(flags, ModelSettings.DIRECTORY, model == null ? null : model.toString());
        if (!servedNames.isEmpty()) {
            flags.put(ModelSettings.NAME, servedNames.getFirst());
            flags.put(ModelSettings.ALIASES, servedNames.subList(1, servedNames.size()));
        }
        put(flags, ModelSettings.PRECISION, precision);
        put(flags, ProcessConfig.NODES, nodes);
        put(flags, CoordinatorConfig.REPLICAS, replicas);
        put(flags, ApiConfig.HOST, host);
        put(flags, ApiConfig.PORT, port);
        put(flags, OpsConfig.PORT, opsPort);
        put(
                flags,
                RecorderConfig.FILE,
                routingTrace == null ? null : routingTrace.toAbsolutePath().toString());
        return flags;
    }

    /** What {@code -D} gave. */
    Map<String, String> overrides() {
        return Map.copyOf(overrides);
    }

    /** What {@code --replicas} gave, or null. */
    @Nullable
    Integer replicas() {
        return replicas;
    }

    /** What {@code --model} gave, or null. */
    @Nullable
    Path model() {
        return model;
    }

    @Nullable
    Path configFile() {
        return config;
    }

    private static void put(final Map<String, Object> flags, final String key, final @Nullable Object value) {
        if (value != null) {
            flags.put(key, value);
        }
    }
}
