package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import java.io.IOException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Endpoints that answer without the engine, with as much as their requests made them: a list of a million ids for
 * instance. Such an answer is charged to the budget of all answers and written at its reader's pace, on a thread of its
 * own, so that readers hold up neither each other nor the tokenizer. Thread-safe.
 */
final class JsonAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(JsonAnswers.class);
    /** A block on its way and one being filled. */
    private static final int WRITE_BYTES = 128 << 10;

    private static final int FULL_RETRY_SECONDS = 1;

    private final HttpLimits limits;
    private final AnswerBudget budget;
    private final BodyWorker worker;

    /** What is written, and the heap that it holds until then. */
    record Answer(long heldBytes, ResponseSink.Body body) {}

    JsonAnswers(final HttpLimits limits, final AnswerBudget budget, final BodyWorker worker) {
        this.limits = limits;
        this.budget = budget;
        this.worker = worker;
    }

    /** The service that answers bodies with what {@code prepare} makes of them, on the tokenizer's threads. */
    HttpService service(final Function<byte[], Answer> prepare) {
        return (ctx, req) -> {
            final HttpResponseWriter writer = HttpResponse.streaming();
            worker.submit(ctx, req, writer, body -> write(ctx, writer, prepare.apply(body)));
            return writer;
        };
    }

    private void write(final ServiceRequestContext ctx, final HttpResponseWriter writer, final Answer answer) {
        final AnswerBudget.Share share = budget.reserve(WRITE_BYTES + answer.heldBytes());
        if (share == null) {
            throw new ApiException(ApiError.overloaded(
                    "The answers under way leave no room for this one (cheshire.router.http.limits.answers-in-flight); "
                            + "come back later.",
                    GenerationService.jittered(FULL_RETRY_SECONDS)));
        }
        try {
            final ResponseSink sink = new ResponseSink(
                    writer, RequestIds.of(ctx), limits.timeouts().writeStallMs());
            Thread.ofVirtual().name("answer-" + sink.requestId()).start(() -> {
                try (share) {
                    sink.whole(answer.body());
                } catch (final IOException readerIsGoneOrTooSlow) {
                    sink.abort();
                } catch (final RuntimeException | Error failure) {
                    LOG.error("answer {} failed", sink.requestId(), failure);
                    sink.abort();
                }
            });
        } catch (final RuntimeException | Error notStarted) {
            share.close();
            throw notStarted;
        }
    }
}
