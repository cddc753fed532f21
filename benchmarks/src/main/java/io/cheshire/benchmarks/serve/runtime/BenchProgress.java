package io.cheshire.benchmarks.serve.runtime;

import io.cheshire.benchmarks.serve.core.RequestResult;
import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on stderr while a run goes on; nothing where stderr is no terminal. */
public final class BenchProgress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    /**
     * @param requests most requests of the run; a negative number where only time ends it
     * @param quiet    show nothing in any case
     */
    public BenchProgress(final long requests, final boolean quiet) {
        final boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        this.bar = quiet || !terminal
                ? null
                : new ProgressBarBuilder()
                        .setTaskName("requests")
                        .setInitialMax(requests)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(500)
                        .setConsumer(new me.tongfei.progressbar.ConsoleProgressBarConsumer(System.err))
                        .showSpeed()
                        .build();
    }

    /** One request ended. */
    public void step(final RequestResult result) {
        if (bar != null) {
            bar.step();
            bar.setExtraMessage("last: " + result.kind());
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
