package io.cheshire.model.runtime.text;

import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Renders templates on a few threads of its own with a deadline, so that a template which never ends costs one request
 * its answer and nobody else anything. Safe from any thread; blocks the caller, so not for an event loop.
 */
final class TemplateRenderer implements AutoCloseable {
    private final TemplateSandbox sandbox;
    private final TextLimits limits;
    private final ThreadPoolExecutor pool;

    TemplateRenderer(final TextLimits limits) {
        this.limits = limits;
        sandbox = new TemplateSandbox(limits.maxRenderedChars());
        pool = new ThreadPoolExecutor(
                limits.renderThreads(),
                limits.renderThreads(),
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(limits.renderQueue()),
                Thread.ofPlatform().daemon().name("chat-template-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
    }

    String render(final String template, final Map<String, Object> variables) {
        final Future<String> rendering;
        try {
            rendering = pool.submit(() -> sandbox.render(template, variables));
        } catch (final RejectedExecutionException full) {
            throw new TextException(
                    TextException.Kind.BUSY,
                    limits.renderQueue() + " chat prompts are waiting to be rendered; try again later");
        }
        try {
            return rendering.get(limits.renderDeadline().toNanos(), TimeUnit.NANOSECONDS);
        } catch (final TimeoutException late) {
            throw new TextException(
                    TextException.Kind.DEADLINE,
                    "rendering the chat template took longer than "
                            + limits.renderDeadline().toMillis()
                            + " ms; send fewer or shorter messages, or try again later");
        } catch (final ExecutionException failed) {
            if (failed.getCause() instanceof TextException known) {
                throw new TextException(known.kind(), String.valueOf(known.getMessage()));
            }
            throw new TextException(
                    TextException.Kind.TEMPLATE, TemplateSandbox.failure(String.valueOf(failed.getCause())));
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TextException(TextException.Kind.BUSY, "interrupted while rendering the chat template");
        } finally {
            rendering.cancel(true);
        }
    }

    /** Threads that render now. */
    int activeCount() {
        return pool.getActiveCount();
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
