package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.TokenTimes;
import io.cheshire.planner.core.outcome.CellOutcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a client saw of a real server, as simulations note it, so that both are judged by the same rules. */
final class MeasuredOutcome {
    /** The server had no room: that is an answer. */
    private static final List<String> REJECTED = List.of("http_429", "http_503");

    private MeasuredOutcome() {}

    /** Something that happened to a request. */
    private record Event(long atNs, int order, Runnable note) {}

    /**
     * Of a run's results.
     *
     * @throws IllegalStateException a request ended otherwise than whole or rejected: such a run can't be compared
     */
    static CellOutcome of(final List<RequestResult> results) {
        final CellOutcome outcome = new CellOutcome(results.size());
        final List<Event> events = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            add(events, outcome, i, results.get(i));
        }
        events.sort(Comparator.comparingLong(Event::atNs).thenComparingInt(Event::order));
        events.forEach(event -> event.note.run());
        outcome.close(0, 0, events.size());
        return outcome;
    }

    private static void add(
            final List<Event> events, final CellOutcome outcome, final int number, final RequestResult result) {
        // Times of a result count from its run's origin.
        final long arrivalNs = result.request().arrivalNs();
        final TokenTimes times = result.tokens();
        if (REJECTED.contains(result.kind())) {
            events.add(new Event(result.endNs(), 0, () -> outcome.rejected(number, result.endNs())));
            return;
        }
        if (result.outcome() != Outcome.OK || times.count() == 0) {
            throw new IllegalStateException(
                    "a request ended with " + result.kind() + ": " + result.message() + "; the run doesn't count");
        }
        events.add(new Event(arrivalNs, 0, () -> outcome.admitted(arrivalNs)));
        final long firstNs = Math.max(arrivalNs, times.timeNs(0));
        events.add(new Event(firstNs, 1, () -> outcome.firstToken(number, arrivalNs, firstNs)));
        long beforeNs = firstNs;
        for (int i = 1; i < times.count(); i++) {
            final long atNs = Math.max(beforeNs, times.timeNs(i));
            final long gapNs = atNs - beforeNs;
            final int token = i;
            events.add(new Event(atNs, 1, () -> outcome.nextToken(token, atNs, gapNs)));
            beforeNs = atNs;
        }
        final long endNs = beforeNs;
        events.add(new Event(endNs, 2, () -> outcome.finished(number, arrivalNs, arrivalNs, endNs)));
    }
}
