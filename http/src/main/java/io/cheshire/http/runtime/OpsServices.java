package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.http.protocol.AdminRequestParser;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
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
        BodyWorker bodies,
        ConsoleServices console,
        BooleanSupplier draining) {
    private static final MediaType PROMETHEUS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

    Endpoints endpoints() {
        final Endpoints endpoints = new Endpoints();
        endpoints.get("/metrics", (ctx, req) -> HttpResponse.of(HttpStatus.OK, PROMETHEUS, registry.scrape()));
        endpoints.get(
                "/admin/v1/cluster",
                (ctx, req) -> HttpResponse.of(cluster.state()
                        .handle((state, failure) -> failure == null
                                ? Replies.json(200, Replies.MAPPER.<JsonNode>valueToTree(state))
                                : noCoordinator())));
        post(endpoints, "moves", parser::move);
        post(endpoints, "replicas", parser::replicas);
        post(endpoints, "rebalance", parser::rebalance);
        post(endpoints, "drain", parser::drain);
        post(endpoints, "undrain", parser::undrain);
        post(endpoints, "down", parser::down);
        console.addTo(endpoints);
        CommonServices.addTo(endpoints, engine, draining);
        return endpoints;
    }

    private void post(final Endpoints endpoints, final String what, final AdminRequestParser.Kind kind) {
        endpoints.post(
                "/admin/v1/cluster/" + what,
                (ctx, req) -> HttpResponse.of(bodies.collect(ctx, req, AdminRequestParser.MAX_BODY_BYTES)
                        .thenCompose(body -> respond(kind, body))));
    }

    private CompletionStage<HttpResponse> respond(final AdminRequestParser.Kind kind, final byte[] body) {
        final OperatorRequest request;
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
