package io.cheshire.benchmarks.serve.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * One line a request, in CSV, for comparing request by request with a prediction: times in seconds from the start of
 * the run. {@code gaps_us} has the time of every token after the first since the one before it, in microseconds,
 * separated by blanks: tokens of one chunk but its first have 0. Cells of what did not happen are empty. It can be
 * replayed with {@code --trace}.
 */
public final class RequestFile {
    public static final String ARRIVAL = "arrival_s";
    public static final String PROMPT_TOKENS = "prompt_tokens";
    public static final String OUTPUT_TOKENS = "output_tokens";
    public static final String FIRST_TOKEN = "first_token_s";
    public static final String END = "end_s";
    static final String ASKED_TOKENS = "asked_tokens";

    private static final double NS_PER_SECOND = 1e9;
    private static final double NS_PER_US = 1e3;
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setHeader(
                    "index",
                    ARRIVAL,
                    "sent_s",
                    PROMPT_TOKENS,
                    ASKED_TOKENS,
                    OUTPUT_TOKENS,
                    FIRST_TOKEN,
                    END,
                    "kind",
                    "gaps_us")
            .setRecordSeparator('\n')
            .get();

    private final CSVPrinter printer;
    private final boolean openLoop;

    /**
     * Writes the header.
     *
     * @param openLoop whether requests have planned times; else they arrive when they are sent
     */
    public RequestFile(final Appendable out, final boolean openLoop) throws IOException {
        this.printer = new CSVPrinter(out, FORMAT);
        this.openLoop = openLoop;
    }

    /** Writes a request that has ended. */
    public void add(final RequestResult result) throws IOException {
        final PlannedRequest request = result.request();
        final TokenTimes tokens = result.tokens();
        printer.printRecord(
                request.index(),
                seconds(openLoop ? request.arrivalNs() : result.sentNs()),
                seconds(result.sentNs()),
                result.promptTokens() >= 0
                        ? result.promptTokens()
                        : request.shape().inputTokens(),
                request.shape().outputTokens(),
                result.outputTokens(),
                tokens.count() == 0 ? "" : seconds(tokens.timeNs(0)),
                seconds(result.endNs()),
                result.kind(),
                gaps(tokens));
    }

    /** The same, where no checked exception can pass. */
    public void note(final RequestResult result) {
        try {
            add(result);
        } catch (final IOException full) {
            throw new UncheckedIOException("a request can't be noted (--request-file)", full);
        }
    }

    private static String seconds(final long ns) {
        return String.format(Locale.ROOT, "%.6f", ns / NS_PER_SECOND);
    }

    private static String gaps(final TokenTimes tokens) {
        final StringBuilder text = new StringBuilder();
        for (int i = 1; i < tokens.count(); i++) {
            text.append(i == 1 ? "" : " ").append(Math.round((tokens.timeNs(i) - tokens.timeNs(i - 1)) / NS_PER_US));
        }
        return text.toString();
    }
}
