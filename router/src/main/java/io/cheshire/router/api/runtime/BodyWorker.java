package io.cheshire.router.api.runtime;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.api.protocol.HttpLimits;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects bodies under a deadline, then parses, renders and tokenises them on a small bounded pool, off the event
 * loops, tenants in turns. A full pool answers 429. Thread-safe.
 */
final class BodyWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BodyWorker.class);

    private final TokenizerPool pool;
    private final long bodyTimeoutMs;
    private final ApiMetrics metrics;

    BodyWorker(final HttpLimits limits, final ApiMetrics metrics) {
        this.pool = new TokenizerPool(limits.api());
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
        final ScheduledFuture<?> timeout =
                ctx.eventLoop().schedule(() -> onTimeout(ctx, req, writer), bodyTimeoutMs, TimeUnit.MILLISECONDS);
        var _ = req.aggregate().handle((body, cause) -> {
            timeout.cancel(false);
            try {
                onBody(ctx, writer, body, cause, task);
            } catch (final Throwable e) {
                fail(ctx, writer, errorOf(ctx, e));
            }
            return null;
        });
    }

    private void onTimeout(final ServiceRequestContext ctx, final HttpRequest req, final HttpResponseWriter writer) {
        if (!req.isComplete()) {
            fail(ctx, writer, ApiError.of(408, "body_timeout", "The request body did not arrive in time."));
            var _ = ctx.initiateConnectionShutdown();
            req.abort();
        }
    }

    private void onBody(
            final ServiceRequestContext ctx,
            final HttpResponseWriter writer,
            final @Nullable AggregatedHttpRequest body,
            final @Nullable Throwable cause,
            final Consumer<byte[]> task) {
        if (body == null) {
            if (cause != null) {
                writer.close(cause);
            }
            return;
        }
        final byte[] bytes = body.content().array();
        pool.submit(Tenants.of(ctx), () -> run(ctx, writer, bytes, task), error -> fail(ctx, writer, error));
    }

    private void run(
            final ServiceRequestContext ctx,
            final HttpResponseWriter writer,
            final byte[] body,
            final Consumer<byte[]> task) {
        try {
            if (writer.isOpen()) {
                task.accept(body);
            }
        } catch (final Throwable e) {
            fail(ctx, writer, errorOf(ctx, e));
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
                yield ErrorHandler.errorOf(500);
            }
        };
    }

    private void fail(final ServiceRequestContext ctx, final HttpResponseWriter writer, final ApiError error) {
        metrics.rejected(error.code());
        new ResponseSink(writer, RequestIds.of(ctx), bodyTimeoutMs).fail(error);
    }

    @Override
    public void close() {
        pool.close();
    }
}
