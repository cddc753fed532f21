package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.ReportComparison;
import io.cheshire.chaos.experiment.core.ReportPage;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The latest experiments of a console with their reports, in memory. Safe from any thread. */
final class ReportArchive {
    static final int MOST_REPORTS = 20;
    /** Of all reports, as they are kept. */
    static final long MOST_BYTES = 32L << 20;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    /**
     * What the list shows.
     *
     * @param id        names it
     * @param name      its file's
     * @param on        what it hurt
     * @param startedMs when, by the wall clock
     * @param outcome   its verdict's, or {@code NOT_JUDGED}
     * @param why       a sentence
     */
    record Head(String id, String name, String on, long startedMs, String outcome, String why) {}

    /**
     * @param json the report; empty where nothing was judged
     * @param page the same for people
     */
    private record Entry(Head head, String json, String page) {
        /** Nearly: what isn't Latin takes twice as much. */
        long bytes() {
            return (long) json.length() + page.length();
        }
    }

    /** Keeps one that was judged. */
    void add(final Head head, final ExperimentReport report) {
        try {
            add(new Entry(head, JsonClient.MAPPER.writeValueAsString(report), ReportPage.of(report)));
        } catch (final JsonProcessingException defect) {
            throw new UncheckedIOException(defect);
        }
    }

    /** Keeps one that wasn't. */
    void add(final Head head) {
        add(new Entry(head, "", ""));
    }

    /** The oldest go; the newest stays, however large. */
    private synchronized void add(final Entry entry) {
        entries.addFirst(entry);
        bytes += entry.bytes();
        while (entries.size() > 1 && (entries.size() > MOST_REPORTS || bytes > MOST_BYTES)) {
            bytes -= entries.removeLast().bytes();
        }
    }

    /** Heads of all, newest first. */
    synchronized void headsTo(final ArrayNode list) {
        entries.forEach(entry -> list.add(JsonClient.MAPPER.<JsonNode>valueToTree(entry.head)));
    }

    @Nullable
    JsonNode report(final String id) {
        final Entry entry = judged(id);
        try {
            return entry == null ? null : JsonClient.MAPPER.readTree(entry.json);
        } catch (final JsonProcessingException defect) {
            throw new UncheckedIOException(defect);
        }
    }

    /** Two reports side by side; null where one of them isn't there. */
    @Nullable
    JsonNode compare(final String first, final String second) {
        final JsonNode a = report(first);
        final JsonNode b = report(second);
        return a == null || b == null
                ? null
                : JsonClient.MAPPER.createObjectNode().set("rows", rows(a, b));
    }

    private static JsonNode rows(final JsonNode a, final JsonNode b) {
        return Objects.requireNonNull(JsonClient.MAPPER.<JsonNode>valueToTree(ReportComparison.rows(a, b)));
    }

    @Nullable
    String page(final String id) {
        final Entry entry = judged(id);
        return entry == null ? null : entry.page;
    }

    private synchronized @Nullable Entry judged(final String id) {
        return entries.stream()
                .filter(entry -> entry.head.id.equals(id) && !entry.json.isEmpty())
                .findFirst()
                .orElse(null);
    }
}
