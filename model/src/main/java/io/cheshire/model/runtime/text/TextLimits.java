package io.cheshire.model.runtime.text;

import java.time.Duration;

/**
 * Bounds on text work.
 *
 * @param maxTextBytes    UTF-8 bytes of text that one call may encode; a native call cannot be interrupted. Past it:
 *                        {@link TextException.Kind#TOO_LARGE}
 * @param probeBudget     time that loading may spend on encoding the probe texts, since the file brings its own regex,
 *                        and on rendering each sample conversation, since the template may never end
 * @param renderThreads   chat templates rendered at once
 * @param renderQueue     renderings waiting; past it: {@link TextException.Kind#BUSY}
 * @param renderDeadline  longest rendering, waiting included; past it: {@link TextException.Kind#DEADLINE}
 * @param maxRenderedChars longest rendered prompt; past it: {@link TextException.Kind#TEMPLATE}
 */
public record TextLimits(
        int maxTextBytes,
        Duration probeBudget,
        int renderThreads,
        int renderQueue,
        Duration renderDeadline,
        int maxRenderedChars) {
    /** 2 MiB of text, 5 s of probes, 2 renderers with 64 waiting, 1 s and 4 M characters a rendering. */
    public static TextLimits defaults() {
        return new TextLimits(2 << 20, Duration.ofSeconds(5), 2, 64, Duration.ofSeconds(1), 4 << 20);
    }
}
