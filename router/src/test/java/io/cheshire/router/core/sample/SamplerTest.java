package io.cheshire.router.core.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final int VOCAB = 97;

    @Property(tries = 3000)
    void shouldDrawWhatThePlainVersionDraws(@ForAll final long seed) {
        final Random random = new Random(seed);
        final float[] logits = logits(random, VOCAB, random.nextBoolean());
        final List<Integer> prompt = tokens(random, 1 + random.nextInt(30));
        final List<Integer> output = tokens(random, random.nextInt(30));
        final SamplingParams params = params(random);
        final Set<Integer> stops = new HashSet<>(tokens(random, random.nextInt(4)));
        final int minTokens = random.nextInt(40);
        final BitSet valid = new BitSet();
        valid.set(0, VOCAB - random.nextInt(20));

        final Set<Integer> masked = new HashSet<>(output.size() < minTokens ? stops : Set.of());
        IntStream.range(0, VOCAB).filter(id -> !valid.get(id)).forEach(masked::add);
        final int expected = SlowSampler.sample(logits, params, masked, prompt, output);

        final Sampler sampler = new Sampler(VOCAB, valid);
        final List<Integer> all = new ArrayList<>(prompt);
        all.addAll(output);
        final GenerationRequest request =
                new GenerationRequest(prompt, 100, minTokens, stops, params, -1, -1, "", 0, TokenRules.NONE);
        for (int i = 0; i < 2; i++) { // the second time finds the scratch as the first left it
            assertThat(sampler.load(MemorySegment.ofArray(logits), 0)).isTrue();
            final int drawn = sampler.sample(
                    new SamplingPlan(request, VOCAB),
                    all.stream().mapToInt(Integer::intValue).toArray(),
                    prompt.size(),
                    all.size());
            assertThat(drawn).as("seed %d", seed).isEqualTo(expected);
        }
    }

    @Test
    void shouldDrawEachTokenAsOftenAsItsProbabilitySays() {
        final float[] logits = {0, (float) Math.log(2), (float) Math.log(3), (float) Math.log(4)};
        final Sampler sampler = new Sampler(4, null);
        sampler.load(MemorySegment.ofArray(logits), 0);
        final int[] counts = new int[4];
        for (int seed = 0; seed < 40_000; seed++) {
            final SamplingParams params = new SamplingParams(1, 0, 1, 0, 0, 0, 1, Map.of(), seed);
            counts[sampler.sample(plan(params), new int[] {0}, 1, 1)]++;
        }
        for (int id = 0; id < 4; id++) {
            assertThat(counts[id] / 40_000.0).isCloseTo((id + 1) / 10.0, within(0.01));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void shouldRefuseARowThatIsNotFinite(final float bad) {
        final float[] logits = logits(new Random(1), VOCAB, false);
        logits[31] = bad;
        assertThat(new Sampler(VOCAB, null).load(MemorySegment.ofArray(logits), 0))
                .isFalse();
    }

    @Test
    void shouldTakeTheLowestIdOfEquals() {
        final Sampler sampler = new Sampler(5, null);
        sampler.load(MemorySegment.ofArray(new float[] {1, 3, 3, -0f, 0f}), 0);
        assertThat(sampler.sample(plan(SamplingParams.greedy()), new int[] {0}, 1, 1))
                .isEqualTo(1);
        assertThat(sampler.scores(0, 5).best())
                .extracting(TokenScores.Candidate::tokenId)
                .containsExactly(1, 2, 0, 3, 4);
        final SamplingParams onlyBest = new SamplingParams(2, 1, 1, 0, 0, 0, 1, Map.of(), 7);
        assertThat(sampler.sample(plan(onlyBest), new int[] {0}, 1, 1)).isEqualTo(1);
    }

    @Test
    void shouldDrawNothingWhenEveryTokenIsMasked() {
        final Sampler sampler = new Sampler(3, new BitSet());
        sampler.load(MemorySegment.ofArray(new float[] {1, 2, 3}), 0);
        assertThat(sampler.sample(plan(SamplingParams.greedy()), new int[] {0}, 1, 1))
                .isEqualTo(Sampler.NO_TOKEN);
    }

    @Property(tries = 200)
    void shouldScoreByLogSoftmaxOfRawLogits(@ForAll final long seed) {
        final float[] logits = logits(new Random(seed), VOCAB, false);
        final double sum = IntStream.range(0, VOCAB)
                .mapToDouble(id -> Math.exp((double) logits[id]))
                .sum();
        final Sampler sampler = new Sampler(VOCAB, null);
        sampler.load(MemorySegment.ofArray(logits), 0);
        final TokenScores scores = sampler.scores(3, 20);
        assertThat(scores.logprob()).isCloseTo((float) (logits[3] - Math.log(sum)), within(1e-5f));
        final List<Integer> ranked = IntStream.range(0, VOCAB)
                .boxed()
                .sorted((a, b) -> logits[a] != logits[b] ? Float.compare(logits[b], logits[a]) : a - b)
                .limit(20)
                .toList();
        assertThat(scores.best()).extracting(TokenScores.Candidate::tokenId).isEqualTo(ranked);
        assertThat(scores.best())
                .allSatisfy(c -> assertThat(c.logprob())
                        .isCloseTo((float) (logits[c.tokenId()] - Math.log(sum)), within(1e-5f)));
    }

    /** Places and entropies by their definitions; ids without a token have no place. */
    @Property(tries = 200)
    void shouldTellAnyTokensRankAndTheEntropyOfAll(@ForAll final long seed) {
        final Random random = new Random(seed);
        final float[] logits = logits(random, VOCAB, random.nextBoolean());
        final BitSet valid = new BitSet();
        valid.set(0, VOCAB - random.nextInt(20));
        final int token = random.nextInt(VOCAB - 20);
        final Sampler sampler = new Sampler(VOCAB, valid);
        sampler.load(MemorySegment.ofArray(logits), 0);
        final TokenScores scores = sampler.scores(token, VOCAB, true, true);
        assertThat(scores.best().get(scores.rank() - 1).tokenId()).isEqualTo(token);
        final double sum = IntStream.range(0, VOCAB)
                .mapToDouble(id -> Math.exp((double) logits[id]))
                .sum();
        final double entropy = IntStream.range(0, VOCAB)
                .mapToDouble(id -> Math.exp((double) logits[id]) / sum * (Math.log(sum) - logits[id]))
                .sum();
        assertThat(scores.entropy()).isCloseTo((float) entropy, within(2e-5f));
        assertThat(sampler.scores(token, 3))
                .isEqualTo(
                        new TokenScores(token, scores.logprob(), scores.best().subList(0, 3)));
    }

    @Property(tries = 2000)
    void shouldComputeExpToTheLastBits(@ForAll final int bits) {
        final double x = -Math.abs(bits / (double) Integer.MAX_VALUE) * 690;
        final double expected = StrictMath.exp(x);
        assertThat(FixedExp.exp(x)).isCloseTo(expected, within(2e-15 * expected));
        assertThat(FixedExp.exp(0)).isEqualTo(1);
        assertThat(FixedExp.exp(Double.NEGATIVE_INFINITY)).isZero();
    }

    @Test
    void shouldSpreadRandomNumbersEvenlyOverSeedsAndIndexes() {
        final Map<Integer, Integer> buckets = new HashMap<>();
        for (int seed = 0; seed < 100; seed++) {
            for (int index = 0; index < 100; index++) {
                final double u = CounterRng.uniform(seed, index);
                assertThat(u).isBetween(0.0, Math.nextDown(1.0));
                buckets.merge((int) (u * 10), 1, Integer::sum);
            }
        }
        assertThat(buckets.values()).allSatisfy(count -> assertThat(count).isBetween(900, 1100));
    }

    private static SamplingPlan plan(final SamplingParams params) {
        return new SamplingPlan(
                new GenerationRequest(List.of(0), 10, 0, Set.of(), params, -1, -1, "", 0, TokenRules.NONE), VOCAB);
    }

    private static SamplingParams params(final Random random) {
        return new SamplingParams(
                random.nextInt(4) == 0 ? 0 : 0.05 + 2 * random.nextDouble(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(120),
                random.nextBoolean() ? 1 : 0.01 + 0.98 * random.nextDouble(),
                random.nextBoolean() ? 0 : random.nextDouble() / 3,
                random.nextBoolean() ? 0 : random.nextDouble() * 4 - 2,
                random.nextBoolean() ? 0 : random.nextDouble() * 4 - 2,
                random.nextBoolean() ? 1 : 0.5 + random.nextDouble(),
                random.nextBoolean() ? Map.of() : Map.of(random.nextInt(VOCAB), 10 * random.nextDouble() - 5),
                random.nextLong());
    }

    private static float[] logits(final Random random, final int vocab, final boolean coarse) {
        final float[] logits = new float[vocab];
        for (int id = 0; id < vocab; id++) {
            final float value = (float) (random.nextGaussian() * 3);
            logits[id] = coarse ? Math.round(value) : value;
        }
        return logits;
    }

    private static List<Integer> tokens(final Random random, final int count) {
        return IntStream.range(0, count).mapToObj(i -> random.nextInt(VOCAB)).toList();
    }
}
