package io.cheshire.router.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a schema, a pattern, a choice or tools let an answer be, and what is refused. */
class GrammarTest {
    private static final GrammarCompiler COMPILER = new GrammarCompiler(Vocabularies.bytes(), GrammarLimits.DEFAULT);

    static Grammar schema(final String schema) {
        return COMPILER.compile(new GrammarSource.Schema(schema.replace('\'', '"'), false));
    }

    private static boolean matches(final Grammar grammar, final String text) {
        return grammar.matches(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string'}},'required':['a'],"
                        + "'additionalProperties':false} | {'a': 1};{'a':1,'b':'x'};{'a':1, 'b':''} |"
                        + "{'b':'x'};{'a':1.5};{'a':1,'a':2};{'b':'','a':1};{'a':1,'c':2};{ 'a':1}",
                "{'type':'object','properties':{'a':{'type':'integer'}}} | {};{'a':1};{'b':[]};{'a':1,'aa':2} |"
                        + "{'a':'x'};{'b':1,'a':'x'}",
                "{'type':'number','minimum':1.5,'exclusiveMaximum':12} | 1.5;11.99;2;9 | 12;1.49;-3;12.0;0;100;-1.5",
                "{'type':'number','maximum':-0.5} | -0.5;-1;-12.25 | 0;0.5;-0.4;-0.49",
                "{'type':'integer','minimum':-5,'maximum':12} | -5;-1;0;9;12 | 13;-6;100;-10;1.0;01",
                "{'type':'integer','exclusiveMinimum':0} | 1;10;999 | 0;-1",
                "{'type':'integer','multipleOf':7} | 0;14;-21;700 | 8;1;15",
                "{'type':'number','multipleOf':0.25} | 0.25;1.5;3;0.750 | 0.3;1.1",
                "{'type':'string','pattern':'^[a-z]+$','maxLength':3} | 'abc';'a' | 'abcd';'';'A'",
                "{'type':'string','pattern':'b'} | 'b';'abc' | 'a';''",
                "{'type':'string','minLength':2,'maxLength':2} | 'ab';'äö';'\\n\\u00e9' | 'a';'abc'",
                "{'type':'string','format':'date'} | '2024-02-29';'1999-12-31' | '2023-02-29';'2024-13-01'",
                "{'type':'string','format':'ipv6'} | '::1';'1::';'::';'1:2:3:4:5:6:7:8' | '1';'1:2'",
                "{'type':'string','format':'ipv4'} | '0.0.0.0';'255.249.199.9' | '256.0.0.1';'01.2.3.4';'1.2.3.300'",
                "{'type':'array','items':{'type':'integer'},'minItems':2,'maxItems':3} | [1,2];[1, 2] | [1];[1,2,3,4]",
                "{'type':'array','prefixItems':[{'type':'integer'},{'type':'null'}],'items':false} | [1,null];[1];[] |"
                        + "[null];[1,null,2]",
                "{'enum':['a',1,null,{'x':[1]}]} | 'a';1;null;{'x':[1]};{'x': [1]} | 'b';2",
                "{'anyOf':[{'type':'integer'},{'type':'null'}]} | 1;null | 'a';true",
                "{'type':['integer','null']} | 1;null | 'a';1.5",
                "{'allOf':[{'properties':{'a':{'type':'integer'}},'required':['a']},{'properties':{'a':{'minimum':3}},"
                        + "'type':'object'}]} | {'a':3} | {'a':2};{}",
                "{'oneOf':[{'type':'object','properties':{'k':{'const':1}},'required':['k']},{'type':'object',"
                        + "'properties':{'k':{'const':2}},'required':['k']}]} | {'k':1};{'k':2} | {'k':3};{}",
                "{'$defs':{'n':{'type':'object','properties':{'v':{},'l':{'anyOf':[{'$ref':'#/$defs/n'},"
                        + "{'type':'null'}]}},'required':['v','l']}},'$ref':'#/$defs/n'} |"
                        + "{'v':1,'l':{'v':2,'l':null}} | {'v':1};{'v':1,'l':{}}",
                "{'type':'object','patternProperties':{'^x':{'type':'integer'}},'additionalProperties':false} |"
                        + "{};{'x':1,'xy':2} | {'y':1};{'x':'a'}",
                "{'type':'object','additionalProperties':{'type':'null'},'required':['z']} |"
                        + "{'z':null};{'z':null,'a':null} |"
                        + "{};{'a':null};{'z':1}",
                "{} | 1;[];{'a':{}};'\\u0041\\ud83d\\ude00';-0.5e10;true | x;'\\ud83d';'a;01;[1,]",
                "true | 1;{} | x",
            })
    void shouldLetAnAnswerBeWhatItsSchemaSays(final String schema, final String good, final String bad) {
        final Grammar grammar = schema(schema);

        for (final String text : good.strip().split(";", -1)) {
            assertThat(matches(grammar, text)).as(text).isTrue();
        }
        for (final String text : bad.strip().split(";", -1)) {
            assertThat(matches(grammar, text)).as(text).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'array','uniqueItems':true} | uniqueItems",
                "{'not':{'type':'null'}} | keyword not",
                "{'if':{},'then':{}} | keyword if",
                "{'type':'array','contains':{}} | contains",
                "{'type':'object','propertyNames':{}} | propertyNames",
                "{'type':'object','minProperties':3} | minProperties",
                "{'unevaluatedProperties':false} | unevaluatedProperties",
                "{'$ref':'http://a/b'} | somewhere else",
                "{'$ref':'#/$defs/x'} | isn't there",
                "{'$ref':'#'} | refers to itself",
                "{'anyOf':[{'$ref':'#'},{'type':'null'}]} | refers to itself",
                "{'allOf':[{'$ref':'#'}]} | without end",
                "{'type':'string','pattern':'(?=a)'} | looks around",
                "{'type':'string','pattern':'(a)\\\\1'} | \\1",
                "{'type':'string','format':'color'} | format",
                "{'oneOf':[{'type':'integer'},{'minimum':3}]} | oneOf",
                "{'frobnicate':1} | frobnicate",
                "{'type':'string','enum':['a'],'maxLength':3} | maxLength beside enum",
                "{'enum':[]} | allows no value",
                "false | allows no value",
                "{'type':'string','pattern':'^a$','minLength':2} | allows no value",
                "{'type':'object','properties':{'a':{'$ref':'#'}},'required':['a']} | allows no value",
                "{'type':'frob'} | a type that JSON hasn't",
                "[] | must be a schema",
                "{'type':'object'} {'type':'string'} | one value of JSON",
                "{'type':'object','type':'string'} | names a member twice",
                "{'type':'object','properties':{'a':{},'a':{}}} | names a member twice",
                "{'type': | one value of JSON",
            })
    void shouldRefuseByNameWhatItDoesNotServe(final String schema, final String words) {
        assertThatThrownBy(() -> schema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({
        "My Model,My%20Model",
        "My Model,My Model",
        "a%b,a%25b",
        "%7E,%257E",
        "%257E,%25257E",
        "a/b,a~1b",
        "a/b,a%7E1b",
        "a/b,a%7e1b",
        "a~b,a~0b",
        "~1,~01",
        "a+b,a+b",
        "a+b,a%2Bb",
        "größe,gr%C3%B6%C3%9Fe",
        "größe,größe",
        "😀,%F0%9F%98%80",
    })
    void shouldFollowAReferenceHoweverItIsEscaped(final String name, final String escaped) {
        final Grammar grammar = schema("{'$defs':{'" + name + "':{'const':1}},'$ref':'#/$defs/" + escaped + "'}");

        assertThat(matches(grammar, "1")).isTrue();
        assertThat(matches(grammar, "2")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "a%2", "%zz", "%-1", "%+1", "%C3", "%FF%FE"})
    void shouldRefuseAReferenceWhosePercentIsMalformed(final String escaped) {
        assertThatThrownBy(() -> schema("{'$defs':{'" + escaped + "':{}},'$ref':'#/$defs/" + escaped + "'}"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("has a $ref with a %");
    }

    /** What a keyword must not have may not be taken for its absence, alone or joined with others. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'type':5 | a name or a list of names in type",
                "'type':['string',5] | a name or a list of names in type",
                "'type':{} | a name or a list of names in type",
                "'type':'frob','enum':[1] | a type that JSON hasn't",
                "'type':['frob','string'] | a type that JSON hasn't",
                "'enum':'a' | a list of values in enum",
                "'enum':{'a':1} | a list of values in enum",
                "'properties':[] | an object of schemas in properties",
                "'properties':'x' | an object of schemas in properties",
                "'type':'string','properties':{'a':5} | must be a schema",
                "'patternProperties':'x' | an object of schemas in patternProperties",
                "'patternProperties':[] | an object of schemas in patternProperties",
                "'patternProperties':{'^a':5} | must be a schema",
                "'required':'a' | a list of names in required",
                "'required':{} | a list of names in required",
                "'required':['a',5] | a list of names in required",
                "'required':[null] | a list of names in required",
                "'additionalProperties':'x' | must be a schema",
                "'additionalProperties':null | must be a schema",
                "'type':'array','prefixItems':5 | a list of schemas in prefixItems",
                "'prefixItems':{} | a list of schemas in prefixItems",
                "'maxItems':0,'prefixItems':[5] | must be a schema",
                "'items':5 | must be a schema",
                "'items':[{}] | use prefixItems",
                "'minimum':'5' | a number in minimum",
                "'maximum':null | a number in maximum",
                "'exclusiveMinimum':true | a number in exclusiveMinimum",
                "'exclusiveMaximum':[1] | a number in exclusiveMaximum",
                "'multipleOf':'2' | a number in multipleOf",
                "'minLength':'1' | a whole number from 0 to 1000000 in minLength",
                "'maxLength':1.5 | a whole number from 0 to 1000000 in maxLength",
                "'minItems':-1 | a whole number from 0 to 1000000 in minItems",
                "'maxItems':{} | a whole number from 0 to 1000000 in maxItems",
                "'minProperties':'0' | a whole number from 0 to 1000000 in minProperties",
                "'maxProperties':[] | a whole number from 0 to 1000000 in maxProperties",
                "'pattern':5 | a text in pattern",
                "'pattern':['a','b'] | a text in pattern",
                "'format':5 | a text in format",
                "'$ref':5 | $ref",
                "'anyOf':{} | a list of schemas in anyOf",
                "'oneOf':[5,{}] | must be a schema",
                "'allOf':[] | a list of schemas in allOf",
                "'allOf':'x' | a list of schemas in allOf",
            })
    void shouldRefuseAKeywordThatHasWhatItMustNot(final String keywords, final String words) {
        final String others =
                "{'minimum':3,'minLength':2,'required':['b'],'items':{},'prefixItems':[{}],'type':'array'}";

        for (final String schema : List.of("{" + keywords + "}", "{'allOf':[{" + keywords + "}," + others + "]}")) {
            assertThatThrownBy(() -> schema(schema))
                    .as(schema)
                    .isInstanceOf(GrammarException.class)
                    .hasMessageContaining(words);
        }
    }

    @Test
    void shouldSayWhereWhatItRefusesStands() {
        final GrammarException refused = catchThrowableOfType(
                GrammarException.class,
                () -> schema("{'type':'object','properties':{'a':{'type':'array','items':{'not':{}}}}}"));

        assertThat(refused.place()).isEqualTo("/properties/a/items");
    }

    /** Each must be refused or served, but soon and within bounds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'string','pattern':'^(a{1,1000}){1,1000}$'}",
                "{'type':'string','pattern':'^(a?){900}$','minLength':5}",
                "{'type':'string','pattern':'^(.*a){12}.{12}$','maxLength':100000}",
                "{'type':'string','pattern':'^(a|b|ab)*(c|d|cd){1,900}$','minLength':1000}",
                "{'type':'string','minLength':1000000,'maxLength':1000000}",
                "{'type':'array','minItems':1000000,'items':{'$ref':'#'}}",
                "{'$defs':{'a':{'anyOf':[{'type':'array','items':{'$ref':'#/$defs/a'},'minItems':1},{'type':'array',"
                        + "'items':{'$ref':'#/$defs/a'}},{'type':'null'}]}},'$ref':'#/$defs/a'}",
                "{'type':'integer','multipleOf':999999937}",
                "{'type':'number','minimum':1e29,'maximum':9e29,'multipleOf':997}",
                "{'type':'string','pattern':'((((((((((((((((((((((((((((((((((((((((((((((((((((((((a'}",
            })
    @Timeout(20)
    void shouldBoundWhatAHostileSchemaTakes(final String schema) {
        assertBounded(schema);
    }

    @Test
    @Timeout(20)
    void shouldBoundManyAlternativesThatMultiply() {
        final String either = "{'anyOf':["
                + IntStream.range(0, 9)
                        .mapToObj(i -> "{'properties':{'p" + i + "':{}}}")
                        .collect(Collectors.joining(","))
                + "]}";
        assertBounded("{'allOf':[" + String.join(",", java.util.Collections.nCopies(9, either)) + "]}");
    }

    @Test
    @Timeout(20)
    void shouldBoundManyOptionalProperties() {
        assertBounded("{'type':'object','properties':{"
                + IntStream.range(0, 1000)
                        .mapToObj(i -> "'property" + i + "':{'type':'string'}")
                        .collect(Collectors.joining(","))
                + "}}");
    }

    private static void assertBounded(final String schema) {
        try {
            final Grammar.Cursor cursor = schema(schema).cursor(false);
            final int[] text = "[[[[\"aaaaaaaa".chars().toArray();
            for (int length = 0; length < text.length; length++) {
                cursor.after(text, 0, length);
            }
        } catch (final GrammarException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    @Test
    void shouldHoldStrictObjectsToTheirProperties() {
        final String schema = "{\"type\":\"object\",\"properties\":{\"a\":{}}}";
        final Grammar strict = COMPILER.compile(new GrammarSource.Schema(schema, true));

        assertThat(matches(strict, "{'a':1}")).isTrue();
        assertThat(matches(strict, "{'a':1,'b':2}")).isFalse();
    }

    private static Grammar pattern(final String pattern) {
        return COMPILER.compile(new GrammarSource.Pattern(pattern));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\uDBFF\\uFFFF | half of a pair",
                "\\uD83D\\u0041 | \\uD83D, half of a pair",
                "a\\uD83D | half of a pair",
                "\\uDE00 | half of a pair",
                "\\uD83D\\uD83D\\uDE00 | half of a pair",
                "[a\\uD83D] | half of a pair",
                "[\\uD800-\\uDFFF] | half of a pair",
                "\\u{D83D} | half of a pair",
                "\\u{110000} | beyond U+10FFFF",
                "\\u{FFFFFFFFF} | beyond U+10FFFF",
                "\\u{} | hexadecimal",
                "\\u00４1 | hexadecimal",
                "\\x4 | ends too early",
                "\\012 | octal",
                "[\\01] | octal",
            })
    void shouldRefuseCharactersOfAPatternThatAreNone(final String pattern, final String words) {
        assertThatThrownBy(() -> pattern(pattern))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(words);
    }

    @Test
    void shouldRefuseAHalfThatStandsInAPatternItself() {
        assertThatThrownBy(() -> pattern("a\uD83D"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("half of a pair");
    }

    @Test
    void shouldReadTheCharactersOfAPatternHoweverTheyAreWritten() {
        for (final String pattern :
                List.of("\\uD83D\\uDE00", "\\u{1F600}", "[\\uD83D\\uDE00]", "[\\u{1F5FF}-\\u{1F600}]")) {
            assertThat(matches(pattern(pattern), "😀")).as(pattern).isTrue();
        }
        assertThat(matches(pattern("\\0\\x41\\u0042"), "\0AB")).isTrue();
    }

    @Test
    void shouldChooseOneOfSeveralTexts() {
        final Grammar grammar = COMPILER.compile(new GrammarSource.Choice(List.of("yes", "yes, but", "näh")));

        assertThat(matches(grammar, "yes")).isTrue();
        assertThat(matches(grammar, "yes, but")).isTrue();
        assertThat(matches(grammar, "näh")).isTrue();
        assertThat(matches(grammar, "yes,")).isFalse();
    }

    @Test
    void shouldLetTextGoOnUntilACallBegins() {
        final GrammarSource.Tool add = new GrammarSource.Tool(
                "add",
                "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"integer\"}},\"required\":[\"x\"]}",
                true);
        final CallMarks marks = new CallMarks("", "", "<call>", "</call>", "\n", "", "");
        final Grammar auto = COMPILER.compile(new GrammarSource.Calls(List.of(add), marks, null, false, false));
        final Grammar forced = COMPILER.compile(new GrammarSource.Calls(List.of(add), marks, null, true, true));
        final String call = "<call>{'name': 'add', 'arguments': {'x':1}}</call>";

        for (final String text : List.of("", "a <cal", "<", call, "hm " + call, call + "\n" + call)) {
            assertThat(matches(auto, text)).as(text).isTrue();
        }
        for (final String text : List.of("<call>", call + " ", "a<call>b", call.replace("1", "'1'"))) {
            assertThat(matches(auto, text)).as(text).isFalse();
        }
        assertThat(matches(forced, call)).isTrue();
        assertThat(matches(forced, call + "\n" + call)).isFalse();
        assertThat(matches(forced, "hm " + call)).isFalse();
    }

    /** Phi-4-mini's format: one list with marks around it, which some checkpoints leave out. */
    @Test
    void shouldTakeAListOfCallsWithItsMarksAndBare() {
        final GrammarSource.Tool go = new GrammarSource.Tool("go", "{\"type\":\"object\"}", false);
        final CallMarks marks = new CallMarks("<|call|>", "[", "", "", ", ", "]", "<|/call|>");
        final Grammar auto = COMPILER.compile(new GrammarSource.Calls(List.of(go), marks, null, false, false));
        final Grammar forced = COMPILER.compile(new GrammarSource.Calls(List.of(go), marks, null, true, false));
        final String call = "{'name': 'go', 'arguments': {'x':1}}";

        for (final String text : List.of("", "[1, {", "[" + call + "]", "[" + call + ", " + call + "]")) {
            assertThat(matches(auto, text)).as(text).isTrue();
            assertThat(matches(forced, text)).as(text).isFalse();
        }
        for (final String text :
                List.of("<|call|>[" + call + "]<|/call|>", "<|call|>[" + call + ", " + call + "]<|/call|>")) {
            assertThat(matches(auto, text)).as(text).isTrue();
            assertThat(matches(auto, "hm " + text)).as(text).isTrue();
            assertThat(matches(forced, text)).as(text).isTrue();
        }
        for (final String text : List.of("[" + call, "[{'name': 'stop'", "<|call|>", "a<|call|>[" + call + "]")) {
            assertThat(matches(auto, text)).as(text).isFalse();
        }
    }

    private static Grammar call(final String parameters, final boolean isStrict) {
        final CallMarks marks = new CallMarks("", "", "<call>", "</call>", "\n", "", "");
        final GrammarSource.Tool tool = new GrammarSource.Tool("go", parameters.replace('\'', '"'), isStrict);
        final GrammarSource.Tool other = new GrammarSource.Tool("turn", "{\"type\":\"object\"}", true);
        return COMPILER.compile(new GrammarSource.Calls(List.of(tool, other), marks, null, true, false));
    }

    private static String called(final String arguments) {
        return "<call>{'name': 'go', 'arguments': " + arguments + "}</call>";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'properties':{'x':{'type':'integer'}}}",
                "{'type':['object','null'],'properties':{'x':{'type':'integer'}}}",
                "{'type':['integer','string','array','boolean','object'],'multipleOf':7,"
                        + "'properties':{'x':{'type':'integer'}}}",
                "{'anyOf':[{'type':'object','properties':{'x':{'type':'integer'}}},{'type':'null'},{'enum':['abc']}]}",
                "{'$defs':{'a':{'properties':{'x':{'$ref':'#/$defs/n'}}},'n':{'type':'integer'}},'$ref':'#/$defs/a'}",
                "{'allOf':[{'properties':{'x':{}}},{'properties':{'x':{'type':'integer'}}}]}",
            })
    void shouldHoldArgumentsToAnObjectWhateverElseTheirSchemaAllows(final String parameters) {
        final Grammar grammar = call(parameters, false);

        for (final String object : List.of("{}", "{'x':1}", "{'x': 1, 'y':['abc']}")) {
            assertThat(matches(grammar, called(object))).as(object).isTrue();
        }
        assertThat(matches(grammar, called("{'x':1}") + "\n" + called("{}"))).isTrue();
        for (final String other : List.of("'abc'", "5", "14", "true", "null", "[]", "[{}]", "{'x':'a'}")) {
            assertThat(matches(grammar, called(other))).as(other).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'string'}",
                "{'type':['integer','null'],'multipleOf':7,'minimum':3}",
                "{'enum':['a',1,null]}",
                "{'anyOf':[{'type':'array'},{'$ref':'#/$defs/a'}],'$defs':{'a':{'type':'boolean'}}}",
            })
    void shouldRefuseAStrictToolThatTakesNoObject(final String parameters) {
        final GrammarException refused = catchThrowableOfType(GrammarException.class, () -> call(parameters, true));

        assertThat(refused.place()).isEqualTo("[0].parameters");
        assertThat(refused).hasMessageContaining("of go allows no object").hasMessageContaining("type object");
        assertThat(matches(call(parameters, false), called("{'a':[1]}"))).isTrue();
        assertThat(matches(call(parameters, false), called("1"))).isFalse();
    }

    @Test
    void shouldRefuseArgumentsThatAreWhatTheyAre() {
        assertThatThrownBy(() -> call("{'anyOf':[{'$ref':'#'},{'type':'object'}]}", true))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("refers to itself");
    }

    private static Grammar formed(final GrammarSource text) {
        final CallMarks marks = new CallMarks("", "", "<call>", "</call>", "\n", "", "");
        final GrammarSource.Tool go = new GrammarSource.Tool("go", "{\"type\":\"object\"}", true);
        return COMPILER.compile(new GrammarSource.Calls(List.of(go), marks, text, false, false));
    }

    /** An answer that begins with a call's mark is a call: else nobody could tell which of the two it is. */
    @Test
    void shouldLetNoTextOfAFormBeginAsACallDoes() {
        final Grammar pattern = formed(new GrammarSource.Pattern("[^]*"));
        for (final String text : List.of("", "<", "<call", "<calls>", "a<call>", called("{}"), "\n" + called("{}"))) {
            assertThat(matches(pattern, text)).as(text).isTrue();
        }
        for (final String text : List.of("<call>", "<call>a", called("1"), called("{}") + "a")) {
            assertThat(matches(pattern, text)).as(text).isFalse();
        }
        final Grammar repeated = formed(new GrammarSource.Pattern("(<|c|call>){0,3}x?"));
        assertThat(matches(repeated, "<cx")).isTrue();
        assertThat(matches(repeated, "call><<")).isTrue();
        assertThat(matches(repeated, "<call>x")).isFalse();
        final Grammar choice = formed(new GrammarSource.Choice(List.of("<call>", "<call>yes", "no <call>", "<cal")));
        assertThat(matches(choice, "no <call>")).isTrue();
        assertThat(matches(choice, "<cal")).isTrue();
        assertThat(matches(choice, "<call>yes")).isFalse();
        final Grammar object = formed(new GrammarSource.AnyObject());
        assertThat(matches(object, "{'a':'<call>','<call>':[{}]}")).isTrue();
        assertThat(matches(object, called("{}"))).isTrue();
        assertThatThrownBy(() -> formed(new GrammarSource.Choice(List.of("<call>", "<call>no"))))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("begins with <call>");
    }
}
