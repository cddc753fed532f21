package io.cheshire.planner.core.watch;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** A look as a line for people. */
public final class WatchText {
    private WatchText() {}

    public static String of(final Look look) {
        final Seen seen = look.seen();
        final String verdict = switch (look.verdict()) {
            case TOO_SOON -> String.format(Locale.ROOT, "%.0f s seen, too soon to judge (--window)", seen.seconds());
            case TOO_FEW -> "too few requests to judge";
            case HOLDS -> "the plan holds";
            case BROKEN ->
                "THE PLAN NO LONGER HOLDS: "
                        + look.broken().stream().map(Assumption::words).collect(Collectors.joining("; "));
        };
        return String.format(
                Locale.ROOT,
                "%.2f req/s (knee %.1f), prompt %s, output %s, ITL %s ms (predicted %.1f..%.1f), TTFT p95 %s ms"
                        + " (predicted %.0f..%.0f): %s",
                seen.load().rate(),
                look.share() * look.atActual().knee().mid(),
                shown(seen.load().promptTokens(), 0),
                shown(seen.load().outputTokens(), 0),
                shown(seen.times().itlMeanMs(), 1),
                look.atActual().bands().itlMeanMs().low(),
                look.atActual().bands().itlMeanMs().high(),
                shown(seen.times().ttftP95Ms(), 0),
                look.atActual().bands().ttftP95Ms().low(),
                look.atActual().bands().ttftP95Ms().high(),
                verdict);
    }

    private static String shown(final OptionalDouble value, final int digits) {
        return value.isEmpty() ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value.getAsDouble());
    }
}
