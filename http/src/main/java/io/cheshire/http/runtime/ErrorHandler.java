package io.cheshire.http.runtime;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ShuttingDownException;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Armeria's own errors in OpenAI's shape, with fixed words: neither the request's text nor a cause is shown. */
final class ErrorHandler implements ServerErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorHandler.class);

    private final EdgeMetrics metrics;

    ErrorHandler(final EdgeMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public HttpResponse onServiceException(final ServiceRequestContext ctx, final Throwable cause) {
        return Replies.error(counted(errorOf(ctx, cause)));
    }

    @Override
    public AggregatedHttpResponse onProtocolViolation(
            final ServiceConfig config,
            final @Nullable RequestHeaders headers,
            final HttpStatus status,
            final @Nullable String description,
            final @Nullable Throwable cause) {
        return identified(Replies.aggregatedError(counted(errorOf(status.code()))));
    }

    @Override
    public AggregatedHttpResponse renderStatus(
            final @Nullable ServiceRequestContext ctx,
            final ServiceConfig config,
            final @Nullable RequestHeaders headers,
            final HttpStatus status,
            final @Nullable String description,
            final @Nullable Throwable cause) {
        return identified(Replies.aggregatedError(errorOf(status.code())));
    }

    /** What never became a request of a service has an id, too; where it did, that one's takes its place. */
    private static AggregatedHttpResponse identified(final AggregatedHttpResponse error) {
        return AggregatedHttpResponse.of(
                error.headers().toBuilder()
                        .set(RequestIds.HEADER, RequestIds.fresh())
                        .build(),
                error.content());
    }

    private ApiError counted(final ApiError error) {
        metrics.rejected(error.code());
        return error;
    }

    private static ApiError errorOf(final ServiceRequestContext ctx, final Throwable failure) {
        final Throwable cause = Exceptions.peel(failure);
        if (cause instanceof final ApiException api) {
            return api.error();
        }
        if (cause instanceof ShuttingDownException) {
            return ApiError.of(503, "shutting_down", "The server is stopping; send the request again.");
        }
        if (cause instanceof ContentTooLargeException) {
            return errorOf(413);
        }
        if (cause instanceof final HttpStatusException status) {
            return errorOf(status.httpStatus().code());
        }
        if (cause instanceof CancellationException
                || cause instanceof ClosedSessionException
                || Exceptions.isStreamCancelling(cause)
                || Exceptions.isExpected(cause)) {
            // The client is gone: nobody reads this answer.
            return errorOf(503);
        }
        LOG.error("request {} failed", RequestIds.of(ctx), cause);
        return failed(RequestIds.of(ctx));
    }

    /** A defect of ours, to be found in the log. */
    static ApiError failed(final String requestId) {
        return ApiError.of(
                500, "internal_error", "The server failed; its log says why under request id " + requestId + ".");
    }

    /** Fixed words for a status. */
    static ApiError errorOf(final int status) {
        return switch (status) {
            case 400 -> ApiError.of(400, "bad_request", "The request is malformed.");
            case 404 -> ApiError.of(404, "not_found", "There is no such path here. GET / lists the endpoints.");
            case 405 -> ApiError.of(405, "method_not_allowed", "The endpoint does not have this method.");
            case 408 -> ApiError.of(408, "request_timeout", "The request did not arrive in time.");
            case 413 -> ApiError.of(413, "body_too_large", "The request body is larger than the server's limit.");
            case 414 -> ApiError.of(414, "uri_too_long", "The request line is longer than the server's limit.");
            case 417 -> ApiError.of(417, "expectation_failed", "The only expectation supported is 100-continue.");
            case 431 -> ApiError.of(431, "headers_too_large", "The headers are larger than the server's limit.");
            case 503 -> ApiError.of(503, "unavailable", "The server can't answer now; try again.");
            default ->
                status >= 500
                        ? ApiError.of(status, "internal_error", "The server failed; its log has the request id.")
                        : ApiError.of(status, "bad_request", "The request is malformed.");
        };
    }
}
