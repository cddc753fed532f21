package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.router.core.Engine;
import java.util.function.BooleanSupplier;

/** {@code /health}: the process lives. {@code /ready}: it takes requests and every expert is reachable. */
final class HealthServices {
    private HealthServices() {}

    static void addTo(final ServerBuilder builder, final Engine engine, final BooleanSupplier draining) {
        builder.route().get("/health").build((ctx, req) -> status(200, "alive"));
        builder.route().get("/ready").build((ctx, req) -> {
            if (draining.getAsBoolean()) {
                return status(503, "draining");
            }
            return engine.status().ready() ? status(200, "ready") : status(503, "not ready: experts are missing");
        });
    }

    private static HttpResponse status(final int code, final String text) {
        return Replies.json(code, JsonNodeFactory.instance.objectNode().put("status", text));
    }
}
