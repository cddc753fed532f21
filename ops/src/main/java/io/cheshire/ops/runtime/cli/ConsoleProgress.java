package io.cheshire.ops.runtime.cli;

import io.cheshire.model.runtime.checkpoint.Progress;
import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Long work as a bar on a terminal, on standard error so that output for machines stays clean; silent where there is no
 * terminal. Safe from several threads.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
    private static final long MEBIBYTE = 1L << 20;

    private final boolean terminal =
            Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    private @Nullable ProgressBar bar;

    @Override
    public synchronized void advanced(final String what, final long doneBytes, final long totalBytes) {
        if (!terminal) {
            return;
        }
        ProgressBar shown = bar;
        if (shown == null) {
            shown = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(totalBytes)
                    .setUnit(" MiB", MEBIBYTE)
                    .setStyle(ProgressBarStyle.ASCII)
                    .showSpeed()
                    .build();
            bar = shown;
        }
        if (doneBytes > shown.getCurrent()) {
            shown.stepTo(doneBytes);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
