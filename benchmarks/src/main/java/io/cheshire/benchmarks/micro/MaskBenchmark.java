package io.cheshire.benchmarks.micro;

import io.cheshire.router.core.grammar.AllowedTokens;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.grammar.GrammarCompiler;
import io.cheshire.router.core.grammar.GrammarLimits;
import io.cheshire.router.core.grammar.GrammarSource;
import io.cheshire.router.core.grammar.TokenVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The mask of one token on a random walk under a schema, as an answer goes on; percentiles are what matters. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class MaskBenchmark {
    private static final int BYTES = 256;
    private static final int MOST_TOKENS = 400;
    private static final String PUNCTUATION = "{\"|\": |\", \"|\"}|\": \"|},|], |\": [|\\n|\\\"|: |, |0|12";

    /** What an answer must match. */
    public enum Form {
        ANY("{\"type\":\"object\"}"),
        RECORD("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":80},\"age\":{\"type\":"
                + "\"integer\",\"minimum\":0,\"maximum\":150},\"mail\":{\"type\":\"string\",\"format\":\"email\"},"
                + "\"tags\":{\"type\":\"array\",\"items\":{\"enum\":[\"red\",\"green\",\"blue\"]},\"maxItems\":5},"
                + "\"notes\":{\"type\":\"string\"}},\"required\":[\"name\",\"age\",\"mail\",\"tags\",\"notes\"],"
                + "\"additionalProperties\":false}");

        private final String schema;

        Form(final String schema) {
            this.schema = schema;
        }
    }

    @Param({"4000", "32000", "200000"})
    public int vocabulary;

    @Param
    public Form form;

    private final SplittableRandom random = new SplittableRandom(1);
    private final int[] tokens = new int[MOST_TOKENS];
    private Grammar grammar;
    private Grammar.Cursor cursor;
    private int length;

    @Setup
    public void setUp() {
        final byte[][] words = new byte[vocabulary][];
        final String[] marks = PUNCTUATION.split("\\|", -1);
        for (int id = 0; id < vocabulary; id++) {
            words[id] = id < BYTES ? new byte[] {(byte) id} : word(id, marks);
        }
        final TokenVocabulary made = new TokenVocabulary(vocabulary, (id, opens) -> words[id], id -> false);
        grammar =
                new GrammarCompiler(made, GrammarLimits.DEFAULT).compile(new GrammarSource.Schema(form.schema, false));
        cursor = grammar.cursor(true);
    }

    private byte[] word(final int id, final String[] marks) {
        if (id < BYTES + marks.length) {
            return marks[id - BYTES].getBytes(StandardCharsets.UTF_8);
        }
        final StringBuilder word = new StringBuilder(random.nextInt(2) == 0 ? " " : "");
        for (int i = 2 + random.nextInt(7); i > 0; i--) {
            word.append((char) ('a' + letter()));
        }
        return word.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Early letters are more frequent, so that words share beginnings. */
    private int letter() {
        final int one = random.nextInt(26);
        return Math.min(one, random.nextInt(26));
    }

    /** Draws the next token as well, which takes little beside. */
    @Benchmark
    public AllowedTokens next() {
        final AllowedTokens allowed = cursor.after(tokens, 0, length);
        if (allowed.isDone() || length == MOST_TOKENS - 1) {
            cursor = grammar.cursor(true);
            length = 0;
        } else {
            tokens[length++] = draw(allowed);
        }
        return allowed;
    }

    private int draw(final AllowedTokens allowed) {
        int id = random.nextInt(vocabulary);
        while (!allowed.has(id)) {
            id = (id + 1) % vocabulary;
        }
        return id;
    }
}
