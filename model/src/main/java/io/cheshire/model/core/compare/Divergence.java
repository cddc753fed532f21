package io.cheshire.model.core.compare;

import java.util.Arrays;

/**
 * How far next-token distributions are from those of a reference, position by position. Natural logarithms.
 *
 * <p>One thread.
 */
public final class Divergence {
    private static final double P99 = 0.99;

    private double[] divergences = new double[1024];
    private int positions;
    private int agreeing;
    private double referenceNats;
    private double otherNats;
    private double largestDifference;

    /**
     * What was found.
     *
     * @param positions           tokens that were predicted
     * @param referencePerplexity of the text by the reference
     * @param perplexity          of the text by the other
     * @param meanKl              Kullback-Leibler divergence of the other from the reference, mean over positions
     * @param medianKl            its median
     * @param p99Kl               exceeded at one position in a hundred
     * @param topAgreement        share of positions with the same likeliest token
     * @param largestLogprobGap   largest difference between the two log probabilities of a token of the text
     */
    public record Result(
            int positions,
            double referencePerplexity,
            double perplexity,
            double meanKl,
            double medianKl,
            double p99Kl,
            double topAgreement,
            double largestLogprobGap) {}

    /**
     * Adds a position.
     *
     * @param reference logits, made log probabilities in place
     * @param other     likewise
     * @param token     what the text has there
     */
    public void add(final float[] reference, final float[] other, final int token) {
        final int top = toLogProbabilities(reference);
        final int otherTop = toLogProbabilities(other);
        double divergence = 0;
        for (int i = 0; i < reference.length; i++) {
            divergence += StrictMath.exp(reference[i]) * ((double) reference[i] - other[i]);
        }
        if (positions == divergences.length) {
            divergences = Arrays.copyOf(divergences, 2 * positions);
        }
        divergences[positions++] = Math.max(0, divergence);
        agreeing += top == otherTop ? 1 : 0;
        referenceNats -= reference[token];
        otherNats -= other[token];
        largestDifference = Math.max(largestDifference, Math.abs((double) reference[token] - other[token]));
    }

    /** Answers the likeliest; the lowest of equals. */
    private static int toLogProbabilities(final float[] logits) {
        int top = 0;
        for (int i = 1; i < logits.length; i++) {
            top = logits[i] > logits[top] ? i : top;
        }
        final float highest = logits[top];
        double sum = 0;
        for (final float logit : logits) {
            sum += StrictMath.exp(logit - highest);
        }
        final double normaliser = highest + StrictMath.log(sum);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (logits[i] - normaliser);
        }
        return top;
    }

    /** Of all positions so far, of which there is at least one. */
    public Result result() {
        if (positions == 0) {
            throw new IllegalStateException("no position was compared");
        }
        final double[] sorted = Arrays.copyOf(divergences, positions);
        Arrays.sort(sorted);
        return new Result(
                positions,
                StrictMath.exp(referenceNats / positions),
                StrictMath.exp(otherNats / positions),
                Arrays.stream(sorted).sum() / positions,
                sorted[positions / 2],
                sorted[(int) Math.min(positions - 1L, Math.round(Math.ceil(positions * P99)) - 1)],
                (double) agreeing / positions,
                largestDifference);
    }
}
