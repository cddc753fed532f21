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
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints of the operations listener: figures and what the process says of itself, in a router the cluster's state
 * and what may be asked of it, beside health.
 */
record OpsServices(
        PrometheusMeterRegistry registry,
        SelfReport self,
        @Nullable ClusterAdmin cluster,
        AdminRequestParser parser,
        BodyIntake bodies,
        @Nullable ConsolePlace console) {
    private static final MediaType PROMETHEUS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

    Endpoints endpoints() {
        final Endpoints endpoints = new Endpoints();
        endpoints.get("/metrics", (ctx, req) -> HttpResponse.of(HttpStatus.OK, PROMETHEUS, registry.scrape()));
        endpoints.get(
                "/admin/v1/self", (ctx, req) -> Replies.json(200, Replies.MAPPER.<JsonNode>valueToTree(self.state())));
        if (cluster != null) {
            addCluster(endpoints, cluster);
        }
        if (console != null) {
            console.addTo(endpoints, bodies);
        }
        CommonServices.addTo(endpoints, self::notReady);
        return endpoints;
    }

    private void addCluster(final Endpoints endpoints, final ClusterAdmin admin) {
        endpoints.get(
                "/admin/v1/cluster",
                (ctx, req) -> HttpResponse.of(admin.state()
                        .handle((state, failure) -> failure == null
                                ? Replies.json(200, Replies.MAPPER.<JsonNode>valueToTree(state))
                                : noCoordinator())));
        post(endpoints, admin, "moves", parser::move);
        post(endpoints, admin, "replicas", parser::replicas);
        post(endpoints, admin, "rebalance", parser::rebalance);
        post(endpoints, admin, "drain", parser::drain);
        post(endpoints, admin, "undrain", parser::undrain);
        post(endpoints, admin, "down", parser::down);
    }

    private void post(
            final Endpoints endpoints,
            final ClusterAdmin admin,
            final String what,
            final AdminRequestParser.Kind kind) {
        endpoints.post(
                "/admin/v1/cluster/" + what,
                (ctx, req) -> HttpResponse.of(bodies.collect(ctx, req, AdminRequestParser.MAX_BODY_BYTES)
                        .thenCompose(body -> respond(admin, kind, body))));
    }

    private static CompletionStage<HttpResponse> respond(
            final ClusterAdmin admin, final AdminRequestParser.Kind kind, final byte[] body) {
        final OperatorRequest request;
        try {
            request = kind.parse(body);
        } catch (final ApiException e) {
            return CompletableFuture.completedFuture(Replies.error(e.error()));
        }
        return admin.ask(request).handle((reply, failure) -> failure == null ? answer(reply) : noCoordinator());
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
