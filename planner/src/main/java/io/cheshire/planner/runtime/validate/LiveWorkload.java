package io.cheshire.planner.runtime.validate;

import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.Locale;

/** What users ask, at whatever rate: the same seed has the same requests at every rate, closer or farther apart. */
interface LiveWorkload {
    /** So many requests at a rate. */
    RequestStream requests(double perSecond, int count, long seed);

    /** What it is, in a scenario's words. */
    String words();

    /** What it is in names of files. */
    String key();

    /**
     * Independent users.
     *
     * @param prompt tokens, half to one and a half times as many
     * @param output tokens, likewise
     */
    record Even(int prompt, int output) implements LiveWorkload {
        @Override
        public RequestStream requests(final double perSecond, final int count, final long seed) {
            return PoissonStreams.of(perSecond, count, around(prompt), around(output), seed);
        }

        @Override
        public String words() {
            return String.format(Locale.ROOT, "%d in, %d out", prompt, output);
        }

        @Override
        public String key() {
            return "even-" + prompt + "-" + output;
        }
    }

    /** Evenly between half and one and a half times as many. */
    static Lengths around(final int mean) {
        return new Lengths(Math.max(1, mean / 2), Math.max(1, mean * 3 / 2));
    }

    /** The same requests with their gaps stretched until they come at this rate: count over the last arrival. */
    static RequestStream stretched(final RequestStream requests, final double perSecond) {
        final int count = requests.size();
        final double factor = count / perSecond * 1e9 / Math.max(1, requests.lastArrivalNs());
        final long[] arrivals = new long[count];
        final int[] prompts = new int[count];
        final int[] outputs = new int[count];
        for (int i = 0; i < count; i++) {
            arrivals[i] = Math.round(requests.arrivalNs(i) * factor);
            prompts[i] = requests.promptTokens(i);
            outputs[i] = requests.outputTokens(i);
        }
        return new RequestStream(arrivals, prompts, outputs);
    }
}
