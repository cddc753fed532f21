package io.cheshire.planner.protocol.run;

/** What users ask, in the order of arrival: three numbers a request. Not to be changed once made. */
public final class RequestStream {
    private final long[] arrivalNs;
    private final int[] promptTokens;
    private final int[] outputTokens;

    /** Takes the arrays as they are, all of one length; arrivals never fall. */
    public RequestStream(final long[] arrivalNs, final int[] promptTokens, final int[] outputTokens) {
        if (arrivalNs.length != promptTokens.length || arrivalNs.length != outputTokens.length) {
            throw new IllegalArgumentException(arrivalNs.length + " arrivals, " + promptTokens.length + " prompts, "
                    + outputTokens.length + " outputs");
        }
        for (int i = 0; i < arrivalNs.length; i++) {
            if (promptTokens[i] < 1 || outputTokens[i] < 1 || (i > 0 && arrivalNs[i] < arrivalNs[i - 1])) {
                throw new IllegalArgumentException("request " + i + " at " + arrivalNs[i] + " ns: " + promptTokens[i]
                        + " tokens in, " + outputTokens[i] + " out; each needs one of both, in order of arrival");
            }
        }
        this.arrivalNs = arrivalNs;
        this.promptTokens = promptTokens;
        this.outputTokens = outputTokens;
    }

    public int size() {
        return arrivalNs.length;
    }

    public long arrivalNs(final int request) {
        return arrivalNs[request];
    }

    public int promptTokens(final int request) {
        return promptTokens[request];
    }

    public int outputTokens(final int request) {
        return outputTokens[request];
    }

    /** When the last one comes. */
    public long lastArrivalNs() {
        return arrivalNs.length == 0 ? 0 : arrivalNs[arrivalNs.length - 1];
    }

    /** All tokens to be generated. */
    public long outputTokens() {
        long sum = 0;
        for (final int tokens : outputTokens) {
            sum += tokens;
        }
        return sum;
    }

    /** Every {@code parts}-th request, from {@code part} on: what a round robin gives to one of several cells. */
    public RequestStream every(final int parts, final int part) {
        final int count = (size() - part + parts - 1) / parts;
        final long[] arrivals = new long[count];
        final int[] prompts = new int[count];
        final int[] outputs = new int[count];
        for (int i = 0; i < count; i++) {
            arrivals[i] = arrivalNs[i * parts + part];
            prompts[i] = promptTokens[i * parts + part];
            outputs[i] = outputTokens[i * parts + part];
        }
        return new RequestStream(arrivals, prompts, outputs);
    }
}
