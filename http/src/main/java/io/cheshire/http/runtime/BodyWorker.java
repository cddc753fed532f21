package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has bodies collected ({@link BodyIntake}), then parses, renders and tokenises them on a small bounded pool, off
 * the event loops, tenants in turns. A full pool answers 429. Thread-safe.
 */
final class BodyWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BodyWorker.class);

    private final BodyIntake intake;
    private final TokenizerPool pool;
    private final int maxBytes;
    private final long bodyTimeoutMs;
    private final ApiMetrics metrics;

    BodyWorker(final HttpLimits limits, final ApiMetrics metrics) {
        this.intake = new BodyIntake(limits.timeouts().bodyMs());
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
        var _ = intake.collect(ctx, req, maxBytes).handle((body, cause) -> {
            try {
                onBody(ctx, writer, body, cause, task);
            } catch (final Throwable e) {
                fail(ctx, writer, errorOf(ctx, e));
            }
            return null;
        });
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
        intake.refuseAll();
        pool.refuseAll();
    }

    /** Returns when no task runs any more, so that what tasks use can be freed: native code can't be interrupted. */
    @Override
    public void close() {
        intake.stop();
        pool.close();
    }
}
