package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects bodies under a deadline and a budget, then parses, renders and tokenises them on a small bounded pool, off
 * the event loops, tenants in turns. A full pool answers 429. Thread-safe.
 */
final class BodyWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BodyWorker.class);

    private static final ApiError BODY_TIMEOUT =
            ApiError.of(408, "body_timeout", "The request body did not arrive in time.");
    private static final ApiError SHUTTING_DOWN =
            ApiError.of(503, "shutting_down", "The server is stopping; send the request again.");

    private final Map<ServiceRequestContext, CompletableFuture<byte[]>> arriving = new ConcurrentHashMap<>();
    private final TokenizerPool pool;
    private final int maxBytes;
    private final long bodyTimeoutMs;
    private final ApiMetrics metrics;
    private volatile boolean isStopping;

    BodyWorker(final HttpLimits limits, final ApiMetrics metrics) {
        this.pool = new TokenizerPool(limits.api());
        this.maxBytes = limits.json().documentBytes();
        this.bodyTimeoutMs = limits.timeouts().bodyMs();
        this.metrics = metrics;
        metrics.unread(pool::waiting);
    }

    /** Runs {@code task} with the body; whatever it throws becomes an error response. */
    void submit(
            final ServiceRequestContext ctx,
            final HttpRequest req,
            final HttpResponseWriter writer,
            final Consumer<byte[]> task) {
        var _ = collect(ctx, req, maxBytes).handle((body, cause) -> {
            try {
                onBody(ctx, writer, body, cause, task);
            } catch (final Throwable e) {
                fail(ctx, writer, errorOf(ctx, e));
            }
            return null;
        });
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
                ctx.eventLoop().schedule(() -> refuse(body, BODY_TIMEOUT), bodyTimeoutMs, TimeUnit.MILLISECONDS);
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

    private void onBody(
            final ServiceRequestContext ctx,
            final HttpResponseWriter writer,
            final byte @Nullable [] body,
            final @Nullable Throwable cause,
            final Consumer<byte[]> task) {
        if (body != null) {
            pool.submit(Tenants.of(ctx), () -> run(ctx, writer, body, task), error -> fail(ctx, writer, error));
        } else if (cause != null && Exceptions.peel(cause) instanceof final ApiException refused) {
            fail(ctx, writer, refused.error());
        } else if (cause != null) {
            writer.close(Exceptions.peel(cause));
        }
    }

    private void run(
            final ServiceRequestContext ctx,
            final HttpResponseWriter writer,
            final byte[] body,
            final Consumer<byte[]> task) {
        final BodyBudget.Charge charge = InFlight.chargeOf(ctx);
        charge.force((long) body.length * BodyBudget.TREE_FACTOR);
        try {
            if (writer.isOpen()) {
                task.accept(body);
            }
        } catch (final Throwable e) {
            fail(ctx, writer, errorOf(ctx, e));
        } finally {
            charge.shrink();
        }
    }

    /** Errors of the JVM too: whatever stops a request's work must not leave its client waiting. */
    private static ApiError errorOf(final ServiceRequestContext ctx, final Throwable cause) {
        return switch (cause) {
            case ApiException refused -> refused.error();
            // Only what came with the request is ever that deep.
            case StackOverflowError deep ->
                ApiError.of(
                        400,
                        "too_complex",
                        "The request is too deeply nested or too long to be processed; simplify or shorten it.");
            default -> {
                LOG.error("request {} failed", RequestIds.of(ctx), cause);
                yield ErrorHandler.failed(RequestIds.of(ctx));
            }
        };
    }

    private void fail(final ServiceRequestContext ctx, final HttpResponseWriter writer, final ApiError error) {
        metrics.rejected(error.code());
        new ResponseSink(writer, RequestIds.of(ctx), bodyTimeoutMs).fail(error);
    }

    /** Answers 503 to every request whose body is arriving or waits for a thread, and to all that still come. */
    void refuseAll() {
        isStopping = true;
        arriving.values().forEach(body -> refuse(body, SHUTTING_DOWN));
        pool.refuseAll();
    }

    /** Returns when no task runs any more, so that what tasks use can be freed: native code can't be interrupted. */
    @Override
    public void close() {
        isStopping = true;
        pool.close();
    }
}
