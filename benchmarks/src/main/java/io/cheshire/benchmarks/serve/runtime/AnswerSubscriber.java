package io.cheshire.benchmarks.serve.runtime;

import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.client.WriteTimeoutException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.ResponseHeaders;
import io.cheshire.benchmarks.serve.core.CompletionCollector;
import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.RequestResult.Kinds;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Feeds one answer to its collector with the time of each read. Called on one event loop. */
final class AnswerSubscriber implements Subscriber<HttpObject> {
    private final CompletionCollector collector;
    private final long originNs;
    private final CompletableFuture<RequestResult> result = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    AnswerSubscriber(final CompletionCollector collector, final long originNs) {
        this.collector = collector;
        this.originNs = originNs;
    }

    /** Completes when the request ended; never exceptionally. */
    CompletableFuture<RequestResult> result() {
        return result;
    }

    @Override
    public void onSubscribe(final Subscription newSubscription) {
        subscription = newSubscription;
        newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(final HttpObject object) {
        switch (object) {
            case ResponseHeaders headers -> collector.onStatus(headers.status().code());
            case HttpData data -> onData(data);
            default -> {
                // Trailers say nothing about the answer.
            }
        }
    }

    private void onData(final HttpData data) {
        if (!collector.onBytes(nowNs(), data.array())) {
            if (subscription != null) {
                subscription.cancel();
            }
            finish();
        }
    }

    @Override
    public void onError(final Throwable failure) {
        final String message = message(failure);
        switch (failure) {
            case UnprocessedRequestException unsent ->
                collector.onFailure(nowNs(), Outcome.FAIL, Kinds.CONNECT, message(unsent.getCause()));
            case ResponseTimeoutException late -> collector.onFailure(nowNs(), Outcome.INFO, Kinds.TIMEOUT, message);
            case WriteTimeoutException late -> collector.onFailure(nowNs(), Outcome.INFO, Kinds.TIMEOUT, message);
            default -> collector.onFailure(nowNs(), Outcome.INFO, Kinds.CUT, message);
        }
        finish();
    }

    @Override
    public void onComplete() {
        collector.onComplete(nowNs());
        finish();
    }

    private void finish() {
        final RequestResult end = collector.result();
        if (end != null) {
            result.complete(end);
        }
    }

    private long nowNs() {
        return System.nanoTime() - originNs;
    }

    private static String message(final @Nullable Throwable failure) {
        if (failure == null) {
            return "no cause given";
        }
        final String words = failure.getMessage();
        return words == null ? failure.getClass().getSimpleName() : words;
    }
}
