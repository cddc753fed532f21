package io.cheshire.router.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import dk.brics.automaton.RegExp;
import dk.brics.automaton.RunAutomaton;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Masks: what they let be generated is judged by an independent validator, and they are those of a brute force. */
class TokenMaskTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261129L);
    private static final boolean IS_LONG = Boolean.getBoolean("cheshire.test.long");
    /** Many schemas take minutes. */
    private static final int MANY = Integer.getInteger("cheshire.test.schemas", 25_000);

    private static final int LIMIT_S = 900;

    private static final int VOCAB = 700;
    private static final int MOST_TOKENS = 120;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    @Timeout(LIMIT_S)
    void shouldOnlyLetTextsComeAboutThatAValidatorAccepts() throws Exception {
        System.out.println("seed " + SEED + " (-Dcheshire.test.seed)");
        final TokenVocabulary vocabulary = Vocabularies.pieces(VOCAB, SEED);
        final GrammarCompiler compiler = new GrammarCompiler(vocabulary, GrammarLimits.DEFAULT);
        final Random random = new Random(SEED);
        final int schemas = IS_LONG ? MANY : 300;
        int whole = 0;
        int refusals = 0;
        for (int i = 0; i < schemas; i++) {
            final String schema = new RandomSchemas(random).schema().toString();
            final Grammar grammar;
            try {
                grammar = compiler.compile(new GrammarSource.Schema(schema, false));
            } catch (final GrammarException refused) {
                assertThat(refused.getMessage()).as(schema).containsAnyOf("allows no value", "multipleOf");
                refusals++;
                continue;
            }
            final JsonSchema judge = judge(schema);
            for (int walk = 0; walk < 5; walk++) {
                final String text = walk(grammar, vocabulary, random);
                if (text != null) {
                    whole++;
                    final JsonNode value = MAPPER.readTree(text);
                    assertThat(judge.validate(value))
                            .as("%s of %s", text, schema)
                            .isEmpty();
                }
            }
        }
        System.out.println(whole + " texts of " + schemas + " schemas, " + refusals + " of them refused");
        assertThat(whole).as("walks that came to an end").isGreaterThan(schemas);
    }

    /** Values that nobody masked: the grammar and the validator take the same ones. */
    @Test
    @Timeout(LIMIT_S)
    void shouldTakeAndRefuseWhatAValidatorTakesAndRefuses() throws Exception {
        System.out.println("seed " + SEED + " (-Dcheshire.test.seed)");
        final GrammarCompiler compiler = new GrammarCompiler(Vocabularies.bytes(), GrammarLimits.DEFAULT);
        final Random random = new Random(SEED + 4);
        final RandomInstances instances = new RandomInstances(random);
        final int schemas = IS_LONG ? MANY : 200;
        int refusals = 0;
        int good = 0;
        int bad = 0;
        for (int i = 0; i < schemas; i++) {
            final JsonNode drawn = new RandomSchemas(random).schema();
            final String schema = drawn.toString();
            final Grammar grammar;
            try {
                grammar = compiler.compile(new GrammarSource.Schema(schema, false));
            } catch (final GrammarException refused) {
                refusals++;
                continue;
            }
            final JsonSchema judge = judge(schema);
            for (int each = 0; each < 5; each++) {
                final JsonNode value = instances.instance(drawn);
                final boolean isGood =
                        judge.validate(MAPPER.readTree(value.toString())).isEmpty();
                // A value made for one alternative may be one of another, which has its members in another order.
                final boolean isMatched = grammar.matches(value.toString().getBytes(StandardCharsets.UTF_8))
                        || (isGood && MemberOrders.anyMatches(grammar, value));
                assertThat(isMatched).as("%s of %s", value, schema).isEqualTo(isGood);
                good += isGood ? 1 : 0;
                bad += isGood ? 0 : 1;
            }
        }
        System.out.println(
                good + " good and " + bad + " bad values of " + schemas + " schemas, " + refusals + " of them refused");
        assertThat(Math.min(good, bad)).as("values of the rarer kind").isGreaterThan(schemas);
    }

    private static JsonSchema judge(final String schema) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(
                        schema,
                        SchemaValidatorsConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build());
    }

    /** A text that came about, ends taken as soon as they may; null if it became too long. */
    private static String walk(final Grammar grammar, final TokenVocabulary vocabulary, final Random random) {
        final Grammar.Cursor cursor = grammar.cursor(true);
        final int[] tokens = new int[MOST_TOKENS];
        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int length = 0; length < MOST_TOKENS; length++) {
            final AllowedTokens allowed = cursor.after(tokens, 0, length);
            final List<Integer> ids = new ArrayList<>();
            for (int id = 0; id < VOCAB; id++) {
                if (allowed.has(id)) {
                    ids.add(id);
                }
            }
            assertThat(ids.isEmpty()).isEqualTo(allowed.isDone());
            if (allowed.mayEnd() && (ids.isEmpty() || random.nextInt(3) == 0)) {
                return text.toString(StandardCharsets.UTF_8);
            }
            assertThat(ids).as("what may follow %s", text).isNotEmpty();
            tokens[length] = ids.get(random.nextInt(ids.size()));
            text.writeBytes(vocabulary.bytes(tokens[length], length == 0));
        }
        return null;
    }

    /** A token may come next if and only if its bytes may, one after the other. */
    @Test
    void shouldAllowWhatAllowingByteAfterByteAllows() {
        final TokenVocabulary vocabulary = Vocabularies.pieces(VOCAB, SEED);
        final TokenVocabulary bytes = Vocabularies.bytes();
        final Random random = new Random(SEED + 1);
        for (int i = 0; i < 40; i++) {
            final GrammarSource source =
                    new GrammarSource.Schema(new RandomSchemas(random).schema().toString(), false);
            final Grammar grammar;
            final Grammar slow;
            try {
                grammar = new GrammarCompiler(vocabulary, GrammarLimits.DEFAULT).compile(source);
                slow = new GrammarCompiler(bytes, GrammarLimits.DEFAULT).compile(source);
            } catch (final GrammarException refused) {
                continue;
            }
            final boolean opensText = random.nextBoolean();
            final Grammar.Cursor cursor = grammar.cursor(opensText);
            final int[] tokens = new int[6];
            final ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int length = 0; length < tokens.length; length++) {
                final AllowedTokens allowed = cursor.after(tokens, 0, length);
                final List<Integer> ids = new ArrayList<>();
                for (int id = 0; id < VOCAB; id++) {
                    final byte[] own = vocabulary.bytes(id, opensText && length == 0);
                    assertThat(allowed.has(id))
                            .as("token %d behind %s of %s", id, text, source)
                            .isEqualTo(mayFollow(slow, text.toByteArray(), own));
                    if (allowed.has(id)) {
                        ids.add(id);
                    }
                }
                if (ids.isEmpty()) {
                    break;
                }
                tokens[length] = ids.get(random.nextInt(ids.size()));
                text.writeBytes(vocabulary.bytes(tokens[length], opensText && length == 0));
            }
        }
    }

    private static boolean mayFollow(final Grammar slow, final byte[] text, final byte[] own) {
        final Grammar.Cursor cursor = slow.cursor(false);
        final int[] all = new int[text.length + own.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (i < text.length ? text[i] : own[i - text.length]) & 0xff;
            if (i >= text.length && !cursor.after(all, 0, i).has(all[i])) {
                return false;
            }
        }
        return own.length > 0;
    }

    /** What was computed for others, or thrown away meanwhile, doesn't show. */
    @Test
    void shouldGiveTheSameMasksWhateverWasComputedBefore() {
        final TokenVocabulary vocabulary = Vocabularies.pieces(VOCAB, SEED);
        final GrammarLimits small =
                new GrammarLimits(60_000, 60, 2_000_000, 4_000_000, 1, 10_000, 64, 1_000, 1_000, 8_192, 50_000, 64);
        final Random random = new Random(SEED + 2);
        final GrammarSource source = new GrammarSource.AnyObject();
        final Grammar forgetful = new GrammarCompiler(vocabulary, small).compile(source);
        final Grammar fresh = new GrammarCompiler(vocabulary, GrammarLimits.DEFAULT).compile(source);
        final Grammar.Cursor first = forgetful.cursor(true);
        final int[] tokens = new int[60];
        for (int length = 0; length < tokens.length; length++) {
            final AllowedTokens allowed = first.after(tokens, 0, length);
            assertThat(fresh.cursor(true).after(tokens, 0, length).bits()).isEqualTo(allowed.bits());
            assertThat(forgetful.cursor(true).after(tokens, 0, length).bits()).isEqualTo(allowed.bits());
            int id = random.nextInt(VOCAB);
            while (!allowed.has(id)) {
                id = random.nextInt(VOCAB);
            }
            tokens[length] = id;
        }
    }

    /** Patterns against another library's automata. */
    @Test
    void shouldMatchPatternsAsAnotherLibraryDoes() {
        final Random random = new Random(SEED + 3);
        final GrammarCompiler compiler = new GrammarCompiler(Vocabularies.bytes(), GrammarLimits.DEFAULT);
        for (int i = 0; i < 300; i++) {
            final String pattern = pattern(random, 3);
            final Grammar grammar = compiler.compile(new GrammarSource.Pattern(pattern));
            final RunAutomaton other = new RunAutomaton(new RegExp(pattern, RegExp.NONE).toAutomaton());
            for (int j = 0; j < 40; j++) {
                final StringBuilder text = new StringBuilder();
                for (int k = random.nextInt(7); k > 0; k--) {
                    text.append("abcé".charAt(random.nextInt(4)));
                }
                assertThat(grammar.matches(text.toString().getBytes(StandardCharsets.UTF_8)))
                        .as("%s by %s", text, pattern)
                        .isEqualTo(other.run(text.toString()));
            }
        }
    }

    private static String pattern(final Random random, final int depth) {
        if (depth == 0) {
            return switch (random.nextInt(5)) {
                case 0 -> "[ab]";
                case 1 -> "[^a]";
                case 2 -> "é";
                default -> String.valueOf("abc".charAt(random.nextInt(3)));
            };
        }
        final String left = pattern(random, depth - 1);
        final String right = pattern(random, depth - 1);
        return switch (random.nextInt(6)) {
            case 0 -> "(" + left + "|" + right + ")";
            case 1 -> "(" + left + ")*";
            case 2 -> "(" + left + ")?" + right;
            case 3 -> "(" + left + "){1,3}";
            case 4 -> "(" + left + ")+";
            default -> left + right;
        };
    }
}
