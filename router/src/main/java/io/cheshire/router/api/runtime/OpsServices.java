package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.router.api.protocol.AdminRequest;
import io.cheshire.router.api.protocol.AdminRequestParser;
import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.core.Engine;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Endpoints of the operations listener: metrics, the cluster's state and what may be asked of it, beside health. */
record OpsServices(
        Engine engine,
        PrometheusMeterRegistry registry,
        ClusterAdmin cluster,
        AdminRequestParser parser,
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
                .build((ctx, req) -> HttpResponse.of(cluster.state()
                        .handle((state, failure) -> failure == null
                                ? Replies.json(200, Replies.MAPPER.<JsonNode>valueToTree(state))
                                : noCoordinator())));
        post(builder, edge, "moves", parser::move);
        post(builder, edge, "replicas", parser::replicas);
        post(builder, edge, "rebalance", parser::rebalance);
        post(builder, edge, "drain", parser::drain);
        post(builder, edge, "undrain", parser::undrain);
        post(builder, edge, "down", parser::down);
        HealthServices.addTo(builder, engine, draining);
    }

    private void post(
            final ServerBuilder builder,
            final DecoratingHttpServiceFunction edge,
            final String what,
            final AdminRequestParser.Kind kind) {
        builder.route()
                .post("/admin/v1/cluster/" + what)
                .maxRequestLength(AdminRequestParser.MAX_BODY_BYTES)
                .decorator(edge)
                .build((ctx, req) -> HttpResponse.of(req.aggregate()
                        .thenCompose(body -> respond(kind, body.content().array()))));
    }

    private CompletionStage<HttpResponse> respond(final AdminRequestParser.Kind kind, final byte[] body) {
        final AdminRequest request;
        try {
            request = kind.parse(body);
        } catch (final ApiException e) {
            return CompletableFuture.completedFuture(Replies.error(e.error()));
        }
        return cluster.ask(request).handle((reply, failure) -> failure == null ? answer(reply) : noCoordinator());
    }

    /** 202: it will be done, a later epoch shows it; 409: it can't be. */
    private static HttpResponse answer(final AdminReply reply) {
        return reply.accepted()
                ? Replies.json(202, Replies.MAPPER.<JsonNode>valueToTree(reply))
                : Replies.error(ApiError.of(409, "refused", reply.message()));
    }

    private static HttpResponse noCoordinator() {
        return Replies.error(ApiError.of(
                503,
                "no_coordinator",
                "No coordinator answered in time; one takes over within a minute, then try again."));
    }
}
