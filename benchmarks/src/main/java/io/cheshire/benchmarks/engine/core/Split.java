package io.cheshire.benchmarks.engine.core;

import io.cheshire.benchmarks.engine.core.Activity.Part;
import java.util.EnumMap;
import java.util.Map;

/**
 * Where the time of one thread went between two moments. The nanoseconds of all activities add up to the wall time.
 *
 * @param thread     whose
 * @param wallNs     between the moments
 * @param byActivity every activity
 */
public record Split(String thread, long wallNs, Map<Activity, Long> byActivity) {
    public Split {
        byActivity = Map.copyOf(byActivity);
    }

    /** Between two pages of the same ledger. */
    static Split between(final Ledger.Page from, final Ledger.Page to) {
        final Map<Activity, Long> spent = new EnumMap<>(Activity.class);
        for (final Activity activity : Activity.values()) {
            spent.put(activity, to.nanos(activity) - from.nanos(activity));
        }
        return new Split(to.thread(), to.atNs() - from.atNs(), spent);
    }

    public long nanos(final Activity activity) {
        return byActivity.getOrDefault(activity, 0L);
    }

    public long nanos(final Part part) {
        return byActivity.entrySet().stream()
                .filter(entry -> entry.getKey().part() == part)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Share of the wall time. */
    public double share(final Part part) {
        return wallNs == 0 ? 0 : (double) nanos(part) / wallNs;
    }

    /** Share of the wall time. */
    public double share(final Activity activity) {
        return wallNs == 0 ? 0 : (double) nanos(activity) / wallNs;
    }
}
