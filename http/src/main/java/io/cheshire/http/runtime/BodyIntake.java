package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Collects the bodies of one listener's requests, under a deadline and a budget. Thread-safe. */
final class BodyIntake {
    private static final ApiError BODY_TIMEOUT =
            ApiError.of(408, "body_timeout", "The request body did not arrive in time.");
    private static final ApiError SHUTTING_DOWN =
            ApiError.of(503, "shutting_down", "The server is stopping; send the request again.");

    private final Map<ServiceRequestContext, CompletableFuture<byte[]>> arriving = new ConcurrentHashMap<>();
    private final long timeoutMs;
    private volatile boolean isStopping;

    BodyIntake(final long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    /**
     * The body of a request, within the deadline and the budget for bodies. Otherwise completes with an {@link
     * ApiException} that is to be answered, or with what ended the request, which nobody waits for any more.
     */
    CompletableFuture<byte[]> collect(final ServiceRequestContext ctx, final HttpRequest req, final int mostBytes) {
        final BodyBudget.Charge charge = InFlight.chargeOf(ctx);
        charge.owner(Tenants.of(ctx));
        final CompletableFuture<byte[]> body = BodyCollector.collect(req, ctx.eventLoop(), charge, mostBytes);
        final ScheduledFuture<?> timeout =
                ctx.eventLoop().schedule(() -> refuse(body, BODY_TIMEOUT), timeoutMs, TimeUnit.MILLISECONDS);
        InFlight.onEvicted(ctx, () -> refuse(body, noRoom()));
        arriving.put(ctx, body);
        if (isStopping) {
            refuse(body, SHUTTING_DOWN);
        }
        return body.whenComplete((bytes, cause) -> {
            timeout.cancel(false);
            arriving.remove(ctx);
            InFlight.onEvicted(ctx, ctx::cancel);
            if (bytes != null) {
                charge.settle();
            } else if (cause instanceof ApiException) {
                FrontService.endEarly(ctx, req);
            }
        });
    }

    private static void refuse(final CompletableFuture<byte[]> body, final ApiError error) {
        body.completeExceptionally(new ApiException(error));
    }

    /** What is answered when the budget for bodies is spent. */
    static ApiError noRoom() {
        return ApiError.busy(
                "bodies_in_flight",
                "The requests that are arriving hold all memory there is for them"
                        + " (cheshire.router.http.limits.bodies-in-flight); come back later.",
                GenerationService.jittered(1));
    }

    /** Answers 503 to every request whose body is arriving, and to all that still come. */
    void refuseAll() {
        stop();
        arriving.values().forEach(body -> refuse(body, SHUTTING_DOWN));
    }

    /** Answers 503 to all that still come. */
    void stop() {
        isStopping = true;
    }
}
