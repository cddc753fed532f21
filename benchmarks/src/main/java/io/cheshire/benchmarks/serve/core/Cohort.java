package io.cheshire.benchmarks.serve.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Clients of one kind among others: the sum of several kinds is smoother than one kind with the same mean, and a fit to
 * the sum alone under-provisions (ServeGen, 2025).
 *
 * @param share of all requests
 * @param shape of each of its requests
 * @param law   of its arrivals
 * @param cv    of their gaps
 */
public record Cohort(double share, RequestShape shape, GapLaw.Kind law, double cv) {
    private static final Set<String> KEYS = Set.of("share", "input", "output", "arrival", "cv");
    /** More requests than a run has. */
    private static final int MOST_REQUESTS = 10_000_000;

    /**
     * Reads {@code share=0.7,input=512,output=128,arrival=gamma,cv=2}; arrival and cv may be left out.
     *
     * @throws BenchException names what is wrong
     */
    public static Cohort parse(final String text) {
        final Map<String, String> values = new LinkedHashMap<>();
        for (final String part : text.split(",", -1)) {
            final int equals = part.indexOf('=');
            final String key = equals < 0 ? part : part.substring(0, equals).strip();
            if (equals < 0 || !KEYS.contains(key) || values.put(key, part.substring(equals + 1).strip()) != null) {
                throw bad(text, "\"" + part + "\" must be one of share=, input=, output=, arrival=, cv=, each once");
            }
        }
        try {
            final double share = Double.parseDouble(required(text, values, "share"));
            final double cv = Double.parseDouble(values.getOrDefault("cv", "1"));
            if (!(share > 0 && share <= 1) || !(cv >= GapLaw.LEAST_CV && cv <= GapLaw.MOST_CV)) {
                throw bad(text, "share must be above 0 and at most 1, cv " + GapLaw.LEAST_CV + " to " + GapLaw.MOST_CV);
            }
            return new Cohort(
                    share,
                    RequestShape.of(
                            Integer.parseInt(required(text, values, "input")),
                            Integer.parseInt(required(text, values, "output"))),
                    GapLaw.Kind.valueOf(values.getOrDefault("arrival", "poisson").toUpperCase(Locale.ROOT)),
                    cv);
        } catch (final IllegalArgumentException wrong) {
            throw bad(text, String.valueOf(wrong.getMessage()));
        }
    }

    private static String required(final String text, final Map<String, String> values, final String key) {
        final String value = values.get(key);
        if (value == null) {
            throw bad(text, key + "= is missing");
        }
        return value;
    }

    private static BenchException bad(final String text, final String why) {
        return new BenchException("--cohort " + text + ": " + why);
    }

    /**
     * All requests of several cohorts, by time, each cohort with gaps of its own.
     *
     * @param perSecond of all together
     * @param seconds   when arrivals end
     */
    public static List<TraceRow> arrivals(
            final List<Cohort> cohorts, final double perSecond, final double seconds, final long seed) {
        final double shares = cohorts.stream().mapToDouble(Cohort::share).sum();
        if (perSecond * seconds > MOST_REQUESTS) {
            throw new BenchException(perSecond + " requests a second for " + seconds + " s are more than "
                    + MOST_REQUESTS + ": lower --rate or --duration");
        }
        final long endNs = Math.round(seconds * 1e9);
        final List<TraceRow> rows = new ArrayList<>();
        for (int number = 0; number < cohorts.size(); number++) {
            final Cohort cohort = cohorts.get(number);
            final Arrivals own =
                    new Arrivals.Renewal(GapLaw.of(cohort.law, perSecond * cohort.share / shares, cohort.cv));
            final long ownSeed = Mix.bits(seed, number, 0);
            int index = 0;
            for (long atNs = own.arrivalNs(index++, 0, ownSeed);
                    atNs < endNs && rows.size() <= MOST_REQUESTS;
                    atNs = own.arrivalNs(index++, atNs, ownSeed)) {
                rows.add(new TraceRow(atNs, cohort.shape));
            }
        }
        rows.sort(Comparator.comparingLong(TraceRow::arrivalNs));
        return rows;
    }
}
