package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpResponse;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every listener answers to everybody. {@code /health}: the process lives. {@code /ready}: it does what it is
 * there for, else why not. {@code /version}: of the program. {@code /}: which endpoints there are.
 */
final class CommonServices {
    private static final String VERSION =
            Objects.requireNonNullElse(CommonServices.class.getPackage().getImplementationVersion(), "unknown");

    private CommonServices() {}

    /** @param notReady as {@link SelfReport#notReady} */
    static void addTo(final Endpoints endpoints, final Supplier<@Nullable String> notReady) {
        endpoints.open("/health", (ctx, req) -> status(200, "alive"));
        endpoints.open("/ready", (ctx, req) -> {
            final String why = notReady.get();
            return why == null ? status(200, "ready") : status(503, why);
        });
        endpoints.open("/version", (ctx, req) -> Replies.json(200, version()));
        endpoints.open("/", (ctx, req) -> {
            final ObjectNode list = version().put("server", "cheshire");
            endpoints.lines().forEach(list.putArray("endpoints")::add);
            return Replies.json(200, list);
        });
    }

    private static ObjectNode version() {
        return JsonNodeFactory.instance.objectNode().put("version", VERSION);
    }

    private static HttpResponse status(final int code, final String text) {
        return Replies.json(code, JsonNodeFactory.instance.objectNode().put("status", text));
    }
}
