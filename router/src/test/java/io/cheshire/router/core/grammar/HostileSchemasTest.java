package io.cheshire.router.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Schemas of 2 MiB at most that mean to hold a thread for long: sizes come first, and whatever is repeated counts. */
class HostileSchemasTest {
    private static final GrammarCompiler COMPILER = new GrammarCompiler(Vocabularies.bytes(), GrammarLimits.DEFAULT);
    private static final String STEPS = "more than 2000000 steps";
    private static final int MANY = 150_000;

    private static @Nullable String refusal(final String schema) {
        assertThat(schema.length()).isLessThan(2 << 20);
        try {
            COMPILER.compile(new GrammarSource.Schema(schema.replace('\'', '"'), false));
            return null;
        } catch (final GrammarException refused) {
            return refused.getMessage();
        }
    }

    private static String each(final int from, final int to, final IntFunction<String> text) {
        return IntStream.range(from, to).mapToObj(text).collect(Collectors.joining(","));
    }

    private static String values(final int from, final int to) {
        return "{'enum':[" + each(from, to, Integer::toString) + "]}";
    }

    /** {@code A} as often as may be, each time beside something else, in a place of its own. */
    private static String inManyPlaces(final String a) {
        return "{'$defs':{'A':" + a + "},'anyOf':["
                + each(0, 45, _ -> "{'anyOf':[" + each(0, 45, _ -> "{'allOf':[{'$ref':'#/$defs/A'},{}]}") + "]}")
                + "]}";
    }

    private static String joined(final String definitions, final IntFunction<String> part) {
        return "{'$defs':{" + definitions + "},'allOf':[" + each(0, 1_000, part) + "]}";
    }

    static Stream<Arguments> hostile() {
        final IntFunction<String> refA = _ -> "{'$ref':'#/$defs/A'}";
        final String deep = "{'const':[" + each(0, 200_000, _ -> "[0]") + "]}";
        return Stream.of(
                Arguments.of(
                        "oneOf of large enums",
                        "{'oneOf':[" + values(0, MANY) + "," + values(MANY, 2 * MANY) + "]}",
                        "has 150000 values in enum; the limit is 1000"),
                Arguments.of(
                        "allOf of large enums",
                        "{'allOf':[" + values(0, MANY) + "," + values(1, MANY) + "]}",
                        "has 150000 values in enum; the limit is 1000"),
                Arguments.of(
                        "oneOf whose properties have large enums",
                        "{'oneOf':["
                                + each(
                                        0,
                                        2,
                                        i -> "{'type':'object','required':['k'],'properties':{'k':"
                                                + values(i * MANY, (i + 1) * MANY) + "}}")
                                + "]}",
                        "has 150000 values in enum; the limit is 1000"),
                Arguments.of(
                        "oneOf with many required",
                        "{'oneOf':["
                                + each(
                                        0,
                                        2,
                                        _ -> "{'type':'object','required':[" + each(0, 50_000, i -> "'" + i + "'")
                                                + "]}")
                                + "]}",
                        "has 50000 names in required; the limit is 1000"),
                Arguments.of(
                        "required that adds up",
                        joined("", i -> "{'required':[" + each(0, 100, j -> "'" + i + "." + j + "'") + "]}"),
                        "names in required; the limit is 1000"),
                Arguments.of(
                        "properties that add up",
                        joined("", i -> "{'properties':{" + each(0, 100, j -> "'" + i + "." + j + "':{}") + "}}"),
                        "properties; the limit is 1000"),
                Arguments.of(
                        "a oneOf that is referred to often",
                        joined("'A':{'oneOf':[" + values(0, 1_000) + "," + values(1_000, 2_000) + "]}", refA),
                        STEPS),
                Arguments.of(
                        "a long value beside much",
                        "{'const':[" + each(0, 600_000, _ -> "{}") + "],'allOf':[" + each(0, 1_000, _ -> "{}") + "]}",
                        "too large"),
                Arguments.of(
                        "two equal values in turn",
                        joined("'A':" + deep + ",'B':" + deep, i -> "{'$ref':'#/$defs/" + "AB".charAt(i % 2) + "'}"),
                        STEPS),
                Arguments.of(
                        "two equal properties in turn",
                        joined(
                                "'A':{'properties':{'a':" + deep + "}},'B':{'properties':{'a':" + deep + "}}",
                                i -> "{'$ref':'#/$defs/" + "AB".charAt(i % 2) + "'}"),
                        STEPS),
                Arguments.of(
                        "many words about nothing",
                        joined("'A':{" + each(0, MANY, i -> "'x-" + i + "':0") + "}", refA),
                        STEPS),
                Arguments.of(
                        "the same long names in many places",
                        inManyPlaces("{'type':'object','properties':{"
                                + each(0, 15, i -> "'" + (char) ('a' + i) + "x".repeat(250) + "':true") + "}}"),
                        STEPS),
                Arguments.of(
                        "the same items in many places",
                        inManyPlaces("{'type':'array','prefixItems':[" + each(0, 9_000, _ -> "true") + "]}"),
                        STEPS),
                Arguments.of(
                        "the same value in many places",
                        inManyPlaces("{'const':[" + each(0, 2_000, _ -> "0") + "]}"),
                        STEPS),
                Arguments.of(
                        "the same deep value in many places",
                        inManyPlaces("{'const':" + "[".repeat(230) + "]".repeat(230) + "}"),
                        ""),
                Arguments.of(
                        "the same deep lists in many places",
                        inManyPlaces("{'type':'array','minItems':1,'maxItems':1,'prefixItems':[".repeat(50)
                                + "{'const':'" + "x".repeat(900) + "'}" + "]}".repeat(50)),
                        "more than"),
                Arguments.of(
                        "the same bounds in many places",
                        "{'prefixItems':["
                                + each(
                                        0,
                                        9_000,
                                        _ -> "{'type':'number','minimum':-" + "7".repeat(29) + ".7,'maximum':"
                                                + "7".repeat(29) + ".7}")
                                + "]}",
                        STEPS),
                Arguments.of(
                        "a long reference",
                        "{'$defs':{'" + "a".repeat(49_000) + "':{}},'$ref':'#/$defs/" + "a".repeat(49_000) + "'}",
                        "has a $ref of 49008 characters; the limit is 8192"),
                Arguments.of(
                        "patterns of many characters",
                        "{'prefixItems':["
                                + each(
                                        0,
                                        1_900,
                                        i -> "{'type':'string','pattern':'[" + everySecond(480, i) + "]{" + i + "}'}")
                                + "]}",
                        ""));
    }

    private static String everySecond(final int count, final int from) {
        return IntStream.range(0, count)
                .map(i -> 0x4E00 + 2 * ((i + from) % count))
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    @Timeout(20)
    void shouldRefuseSoonWhatWouldTakeLong(final String name, final String schema, final String words) {
        assertThat(String.valueOf(refusal(schema))).as(name).contains(words);
    }

    @Test
    @Timeout(20)
    void shouldCountTheSchemasOfAllToolsTogether() {
        final String schema =
                joined("'A':" + values(0, 900), _ -> "{'$ref':'#/$defs/A'}").replace('\'', '"');
        final List<GrammarSource.Tool> tools = IntStream.range(0, 128)
                .mapToObj(i -> new GrammarSource.Tool("tool" + i, schema, false))
                .toList();
        final CallMarks marks = new CallMarks("", "", "<call>", "</call>", "\n", "", "");

        final Grammar grammar = COMPILER.compile(new GrammarSource.Calls(tools, marks, null, true, true));

        assertThat(grammar.maxBytes()).isPositive();
    }

    @Test
    void shouldTellApartManyAlternativesOfManyValues() {
        assertThat(refusal("{'oneOf':["
                        + each(
                                0,
                                300,
                                i -> "{'type':'object','required':['a','kind'],'properties':{'a':{'const':1},"
                                        + "'kind':{'enum':[" + each(3 * i, 3 * i + 3, Integer::toString) + "]}}}")
                        + "]}"))
                .isNull();
    }

    @Test
    void shouldNotTellApartNumbersThatAreWrittenInTwoWays() {
        assertThat(refusal("{'oneOf':[{'const':1},{'const':1.0}]}")).contains("may hold at once");
        assertThat(refusal("{'oneOf':[{'const':{'a':1,'b':2}},{'const':{'b':2,'a':1}}]}"))
                .contains("may hold at once");
        assertThat(refusal("{'allOf':[{'enum':[1,2]},{'enum':[2.0,3]}]}")).isNull();
    }
}
