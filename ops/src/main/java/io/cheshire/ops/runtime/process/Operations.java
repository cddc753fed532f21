package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.http.runtime.ClusterAdmin;
import io.cheshire.http.runtime.ConsolePlace;
import io.cheshire.http.runtime.EdgeConfig;
import io.cheshire.http.runtime.OpsServer;
import io.cheshire.http.runtime.SelfReport;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operations listener of this process, its meters and what it says of itself. Opened before anything is read, so
 * that whoever watches the process hears why it isn't ready, and closed after all else. What there is to say is added
 * as it comes about. Safe from any thread.
 */
public final class Operations implements AutoCloseable {
    private final ProcessSelf self;
    private final BooleanSupplier stopping;
    private final PrometheusMeterRegistry registry;
    private final LiveFigures figures;
    private final Deferred cluster = new Deferred();
    private final ConsolePlace console;
    private final Map<String, Supplier<?>> parts = new LinkedHashMap<>();
    private volatile Supplier<@Nullable String> readiness = () -> "it is starting";
    private volatile @Nullable OpsServer server;

    private Operations(final ProcessSelf self, final EdgeConfig edge, final BooleanSupplier stopping) {
        this.console = new ConsolePlace(edge.api(), edge.ops().chaos());
        this.self = self;
        this.stopping = stopping;
        this.registry = ProcessMeters.registry(self.role());
        this.figures = new LiveFigures(registry);
    }

    /**
     * Opens the listener.
     *
     * @param role     what the process is, such as {@code expert-node}
     * @param id       its number among those of its role; negative: it has none
     * @param config   of the process
     * @param stopping whether somebody has asked the process to stop
     * @throws IllegalArgumentException it can't listen, and why, in words for people
     */
    public static Operations open(
            final String role, final int id, final ProcessConfig config, final BooleanSupplier stopping) {
        final Operations operations = new Operations(ProcessSelf.of(role, id), config.edge(), stopping);
        final boolean routes = role.equals(ProcessSelf.ROUTER) || role.equals(ProcessSelf.SERVE);
        operations.server = OpsServer.start(
                config.ops(),
                config.http(),
                operations.registry,
                operations.new Said(),
                routes ? operations.cluster : null,
                routes ? operations.console : null);
        operations.shows("listeners", () -> Map.of("operations", operations.url()));
        return operations;
    }

    /** Where this process's meters go. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** The same, for figures that are read when they are asked for. */
    LiveFigures figures() {
        return figures;
    }

    /** From now on the process is ready when this has no reason, said barely, against it. */
    void readyWhen(final Supplier<@Nullable String> notReady) {
        readiness = notReady;
    }

    /**
     * From now on the process also says this of itself.
     *
     * @param part name, in the order in which they come
     * @param view asked anew each time, by any thread: a value that Jackson can write
     */
    void shows(final String part, final Supplier<?> view) {
        synchronized (parts) {
            parts.put(part, view);
        }
    }

    /** From now on the cluster can be seen and changed here. */
    void administers(final ClusterAdmin admin) {
        cluster.behind.complete(admin);
    }

    /** Where a router shows itself. */
    ConsolePlace console() {
        return console;
    }

    /** Where people on this host reach the listener. */
    public String url() {
        return listener().url();
    }

    /** Its port. */
    public int port() {
        return listener().port();
    }

    private OpsServer listener() {
        final OpsServer opened = server;
        if (opened == null) {
            throw new IllegalStateException("the operations listener is not open");
        }
        return opened;
    }

    private @Nullable String notReady() {
        return SelfReport.inWords(stopping.getAsBoolean() ? SelfReport.DRAINING : readiness.get());
    }

    private Map<String, Object> state() {
        final String why = notReady();
        final Map<String, Object> state = new LinkedHashMap<>(self.view());
        state.put("ready", why == null);
        state.put("notReadyBecause", why == null ? "" : why);
        final Map<String, Supplier<?>> shown;
        synchronized (parts) {
            shown = new LinkedHashMap<>(parts);
        }
        shown.forEach((part, view) -> state.put(part, view.get()));
        return state;
    }

    @Override
    public void close() {
        listener().close();
    }

    /** What the listener is told. */
    private final class Said implements SelfReport {
        @Override
        public @Nullable String notReady() {
            return Operations.this.notReady();
        }

        @Override
        public Object state() {
            return Operations.this.state();
        }
    }

    /** The cluster, which nobody can ask before this process has joined it. */
    private static final class Deferred implements ClusterAdmin {
        private final CompletableFuture<ClusterAdmin> behind = new CompletableFuture<>();

        @Override
        public CompletionStage<?> state() {
            final ClusterAdmin admin = behind.getNow(null);
            return admin == null ? none() : admin.state();
        }

        @Override
        public CompletionStage<AdminReply> ask(final OperatorRequest request) {
            final ClusterAdmin admin = behind.getNow(null);
            return admin == null ? none() : admin.ask(request);
        }

        private static <T> CompletionStage<T> none() {
            return CompletableFuture.failedFuture(new IllegalStateException("this process is starting"));
        }
    }
}
