package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Hypothesis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an experiment says: held only if every claim holds, and streams were there to show it.
 *
 * @param outcome the verdict
 * @param why     a sentence
 * @param claims  each claim of the file
 */
public record Verdict(Outcome outcome, String why, List<Claim> claims) {
    public Verdict {
        claims = List.copyOf(claims);
    }

    /** How it ends. */
    public enum Outcome {
        /** Every claim holds. */
        HELD,
        /** At least one doesn't. */
        NOT_HELD,
        /** It was ended early by its limits or its abort rule. */
        ABORTED
    }

    /** Exit status of the command. */
    public int status() {
        return outcome == Outcome.HELD ? 0 : 1;
    }

    /**
     * Judges.
     *
     * @param aborted why it was ended early; empty if it wasn't
     */
    public static Verdict of(final Hypothesis asked, final RunFigures found, final String aborted) {
        final List<Claim> claims = claims(asked, found);
        if (!aborted.isEmpty()) {
            return new Verdict(Outcome.ABORTED, aborted, claims);
        }
        if (found.streams() == 0) {
            return new Verdict(Outcome.NOT_HELD, "no stream began, so nothing was shown", claims);
        }
        final List<String> broken = claims.stream()
                .filter(claim -> !claim.holds())
                .map(Claim::words)
                .toList();
        return broken.isEmpty()
                ? new Verdict(Outcome.HELD, "every claim holds", claims)
                : new Verdict(Outcome.NOT_HELD, String.join("; ", broken), claims);
    }

    private static List<Claim> claims(final Hypothesis asked, final RunFigures found) {
        final List<Claim> claims = new ArrayList<>();
        if (asked.tokens() != null) {
            claims.add(tokens(asked.tokens(), found));
        }
        final Double goodput = asked.goodputAtLeast();
        if (goodput != null) {
            claims.add(new Claim(
                    "goodput-at-least",
                    String.format(
                            Locale.ROOT,
                            "%.0f %% (%.0f of %.0f tokens/s)",
                            100 * found.goodputShare(),
                            found.tokensPerSecond(),
                            found.faultFreePerSecond()),
                    String.format(Locale.ROOT, "at least %.0f %%", 100 * goodput),
                    found.goodputShare() >= goodput));
        }
        final Duration gap = asked.longestGapAtMost();
        if (gap != null) {
            claims.add(new Claim(
                    "longest-gap-at-most",
                    FileTimes.formatMs(found.longestGapMs()),
                    "at most " + FileTimes.format(gap),
                    found.longestGapMs() <= gap.toNanos() / 1e6));
        }
        final Duration whole = asked.wholeAgainWithin();
        if (whole != null) {
            final Double ms = found.wholeAgainMs();
            claims.add(new Claim(
                    "whole-again-within",
                    ms == null ? "not whole when the experiment ended" : FileTimes.formatMs(ms),
                    "within " + FileTimes.format(whole),
                    ms != null && ms <= whole.toNanos() / 1e6));
        }
        if (asked.books() != null) {
            final String books = found.books();
            claims.add(new Claim(
                    "books",
                    books == null ? "nobody answered for them" : books.isEmpty() ? "balanced" : books,
                    "balanced",
                    books != null && books.isEmpty()));
        }
        return claims;
    }

    private static Claim tokens(final Hypothesis.Tokens asked, final RunFigures found) {
        final String figure =
                found.altered() + " altered and " + found.broken() + " broken of " + found.streams() + " streams";
        return switch (asked) {
            case IDENTICAL ->
                new Claim(
                        "tokens: identical",
                        figure,
                        "each stream gives what it gives without faults",
                        found.altered() == 0 && found.broken() == 0);
            case PREFIX ->
                new Claim("tokens: prefix", figure, "no token differs; streams may break", found.altered() == 0);
        };
    }
}
