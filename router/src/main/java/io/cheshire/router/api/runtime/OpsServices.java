package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.router.core.Engine;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Endpoints of the operations listener: metrics and the cluster's state, beside health. */
record OpsServices(
        Engine engine,
        PrometheusMeterRegistry registry,
        Supplier<? extends CompletionStage<?>> cluster,
        BooleanSupplier draining) {
    private static final MediaType PROMETHEUS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

    void addTo(final ServerBuilder builder, final DecoratingHttpServiceFunction edge) {
        builder.route()
                .get("/metrics")
                .decorator(edge)
                .build((ctx, req) -> HttpResponse.of(HttpStatus.OK, PROMETHEUS, registry.scrape()));
        builder.route()
                .get("/admin/v1/cluster")
                .decorator(edge)
                .build((ctx, req) -> HttpResponse.of(cluster.get()
                        .thenApply(state -> Replies.json(200, Replies.MAPPER.<JsonNode>valueToTree(state)))));
        HealthServices.addTo(builder, engine, draining);
    }
}
