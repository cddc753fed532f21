package io.cheshire.model.runtime.text;

import io.cheshire.model.core.jinja.RenderLimits;
import io.cheshire.model.core.jinja.Template;
import io.cheshire.model.core.jinja.TemplateFault;
import io.cheshire.model.core.jinja.Text;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Renders templates on a few threads of its own with a deadline, so that a template which never ends costs one request
 * its answer and nobody else anything. Safe from any thread; blocks the caller, so not for an event loop.
 */
final class TemplateRenderer implements AutoCloseable {
    /** Macros inside macros recurse; this holds what {@link RenderLimits} lets them. */
    private static final long STACK_BYTES = 8 << 20;
    /** What a client can do about a template that fails. */
    static final String INSTEAD = "; send the prompt to /v1/completions instead";

    private final TextLimits limits;
    private final RenderLimits renderLimits;
    private final ThreadPoolExecutor pool;
    /** One for each rendering that runs or waits. The pool's queue alone is full as long as an idle thread wakes up. */
    private final Semaphore places;

    TemplateRenderer(final TextLimits limits) {
        this.limits = limits;
        renderLimits = RenderLimits.forOutput(limits.maxRenderedChars());
        final int most = limits.renderThreads() + limits.renderQueue();
        places = new Semaphore(most);
        pool = new ThreadPoolExecutor(
                limits.renderThreads(),
                limits.renderThreads(),
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(most),
                Thread.ofPlatform()
                        .daemon()
                        .stackSize(STACK_BYTES)
                        .name("chat-template-", 0)
                        .factory());
        pool.allowCoreThreadTimeOut(true);
    }

    /** Renders for a request. */
    Text render(final Template template, final Map<String, ?> variables) {
        return render(template, variables, limits.renderDeadline());
    }

    /** @param deadline for this rendering, waiting included */
    Text render(final Template template, final Map<String, ?> variables, final Duration deadline) {
        if (!places.tryAcquire()) {
            throw busy();
        }
        try {
            return rendered(template, variables, deadline);
        } finally {
            places.release();
        }
    }

    private TextException busy() {
        return new TextException(
                TextException.Kind.BUSY,
                limits.renderQueue() + " chat prompts are waiting to be rendered; try again later");
    }

    private Text rendered(final Template template, final Map<String, ?> variables, final Duration deadline) {
        final Future<Text> rendering;
        try {
            rendering = pool.submit(() -> template.render(
                    variables, renderLimits, () -> Thread.currentThread().isInterrupted()));
        } catch (final RejectedExecutionException full) {
            throw busy();
        }
        try {
            return rendering.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (final TimeoutException late) {
            throw new TextException(
                    TextException.Kind.DEADLINE,
                    "rendering the chat template took longer than "
                            + deadline.toMillis()
                            + " ms; send fewer or shorter messages, or try again later");
        } catch (final ExecutionException failed) {
            throw failure(failed.getCause());
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TextException(TextException.Kind.BUSY, "interrupted while rendering the chat template");
        } finally {
            rendering.cancel(true);
        }
    }

    private static TextException failure(final @Nullable Throwable cause) {
        if (cause instanceof TemplateFault fault && fault.kind() == TemplateFault.Kind.RAISED) {
            return new TextException(
                    TextException.Kind.INVALID,
                    "the model's chat template refuses these messages: " + fault.getMessage());
        }
        final String reason = cause instanceof TemplateFault fault ? fault.getMessage() : String.valueOf(cause);
        return new TextException(TextException.Kind.TEMPLATE, "the model's chat template failed: " + reason + INSTEAD);
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
