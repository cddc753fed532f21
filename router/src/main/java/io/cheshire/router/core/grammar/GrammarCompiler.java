package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.router.core.grammar.CharacterCoding.Spelling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Sources to grammars over one vocabulary. Thread-safe; takes up to a second for the largest that is served. */
public final class GrammarCompiler {
    /** As strict as what reads requests: a schema may come as a text within one. */
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final TokenVocabulary vocabulary;
    private final GrammarLimits limits;

    /** A compiler for these tokens. */
    public GrammarCompiler(final TokenVocabulary vocabulary, final GrammarLimits limits) {
        this.vocabulary = vocabulary;
        this.limits = limits;
    }

    /** @throws GrammarException saying what isn't served, and where it stands */
    public Grammar compile(final GrammarSource source) {
        final TermPool pool = new TermPool(limits.terms());
        try {
            return new Grammar(pool, term(pool, source), vocabulary, limits);
        } catch (final StackOverflowError deep) {
            throw new GrammarException("", "is too deep; simplify it");
        }
    }

    private Term term(final TermPool pool, final GrammarSource source) {
        return switch (source) {
            case GrammarSource.AnyObject() -> new JsonTerms(pool).object;
            case GrammarSource.Schema(final String schema, final boolean isStrict) ->
                schema(new JsonTerms(pool), schema, isStrict);
            case GrammarSource.Pattern(final String pattern) ->
                new PatternTerms(pool, new CharacterCoding(pool), limits.repeats()).whole(pattern, Spelling.PLAIN);
            case GrammarSource.Choice(final List<String> texts) -> choice(pool, texts);
            case final GrammarSource.Calls calls -> calls(new JsonTerms(pool), calls);
        };
    }

    private Term schema(final JsonTerms json, final String schema, final boolean isStrict) {
        final JsonNode root;
        try {
            root = MAPPER.readTree(schema);
        } catch (final JsonProcessingException e) {
            throw new GrammarException("", "must be one value of JSON, in which no object names a member twice");
        }
        return new SchemaCompiler(json, root, limits, isStrict).compile();
    }

    /** Objects, whatever else their schema allows; as far as it isn't served, a tool that isn't strict takes any. */
    private Term arguments(final JsonTerms json, final GrammarSource.Tool tool, final int index) {
        try {
            final Term values = schema(json, tool.parameters(), tool.isStrict());
            final Term objects = TermStart.with(json.pool, values, ByteSet.of('{'));
            if (objects == json.pool.nothing) {
                throw new GrammarException(
                        "",
                        "of " + tool.name() + " allows no object, which arguments always are; give it the type object"
                                + " and properties");
            }
            return objects;
        } catch (final GrammarException refused) {
            if (!tool.isStrict()) {
                return json.object;
            }
            throw new GrammarException(
                    "[" + index + "].parameters" + refused.place(), String.valueOf(refused.getMessage()));
        }
    }

    private Term choice(final TermPool pool, final List<String> texts) {
        if (texts.isEmpty() || texts.size() > limits.enumValues()) {
            throw new GrammarException("", "must have 1 to " + limits.enumValues() + " texts");
        }
        final List<Term> terms = new ArrayList<>();
        for (final String text : texts) {
            final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (bytes.length == 0 || bytes.length > limits.literalBytes()) {
                throw new GrammarException("", "must have texts of 1 to " + limits.literalBytes() + " bytes");
            }
            terms.add(pool.literal(bytes));
        }
        return pool.either(terms);
    }

    /** A text of the form begins as no calls do: the start tells them apart; further on it may hold any mark. */
    private Term formed(final TermPool pool, final GrammarSource text, final CallMarks marks) {
        final byte[] start = marks.start().getBytes(StandardCharsets.UTF_8);
        final Term formed = TermStart.without(pool, term(pool, text), start);
        if (formed == pool.nothing) {
            throw new GrammarException(
                    "",
                    "are called by an answer that begins with " + marks.start()
                            + ", as every text of the form does that is asked for beside them; change the form");
        }
        return formed;
    }

    private Term calls(final JsonTerms json, final GrammarSource.Calls calls) {
        final TermPool pool = json.pool;
        final List<Term> ways = new ArrayList<>();
        for (int i = 0; i < calls.tools().size(); i++) {
            final GrammarSource.Tool tool = calls.tools().get(i);
            final Term arguments = arguments(json, tool, i);
            ways.add(pool.sequence(
                    json.text(CallMarks.HEAD),
                    json.literalString(tool.name()),
                    json.text(CallMarks.ARGUMENTS),
                    arguments,
                    json.text(CallMarks.TAIL)));
        }
        final CallMarks marks = calls.marks();
        final Term call = pool.sequence(json.text(marks.open()), pool.either(ways), json.text(marks.close()));
        final Term more = calls.isSingle() ? pool.empty : pool.star(pool.pair(json.text(marks.between()), call));
        final Term list = pool.sequence(json.text(marks.begin()), call, more, json.text(marks.end()));
        final Term all = pool.sequence(json.text(marks.trigger()), list, json.text(marks.ending()));
        if (calls.isForced()) {
            return all;
        }
        final GrammarSource text = calls.text();
        if (text != null) {
            return pool.either(formed(pool, text, marks), all);
        }
        final Term reserved = pool.sequence(pool.anything, json.text(marks.reserved()), pool.anything);
        final Term free = pool.both(pool.anything, pool.not(reserved));
        if (!marks.mayBeBare()) {
            return pool.pair(free, pool.optional(all));
        }
        final Term bare = pool.pair(json.text(marks.begin() + marks.open() + CallMarks.HEAD), pool.anything);
        return pool.either(pool.pair(pool.both(free, pool.not(bare)), pool.optional(all)), list);
    }
}
