package io.cheshire.http.core;

import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.OutputForm;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.grammar.GrammarCompiler;
import io.cheshire.router.core.grammar.GrammarException;
import io.cheshire.router.core.grammar.GrammarLimits;
import io.cheshire.router.core.grammar.GrammarSource;
import io.cheshire.router.core.grammar.TokenVocabulary;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From the form that a request asks for to a grammar over the model's tokens. Those used last are kept. Thread-safe;
 * compiling takes milliseconds, seldom a second.
 */
public final class OutputGrammars {
    /** Grammars that are kept. */
    private static final int KEPT = 16;

    private final ModelInfo model;
    private final TextModel text;
    /** Guarded by this. */
    private final Map<GrammarSource, Grammar> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<GrammarSource, Grammar> eldest) {
            return size() > KEPT;
        }
    };

    private @Nullable GrammarCompiler compiler;

    /** Grammars over the tokens of this model. */
    public OutputGrammars(final ModelInfo model, final TextModel text) {
        this.model = model;
        this.text = text;
    }

    /** The grammar of a request; null if it may answer anything. */
    @Nullable
    Grammar grammar(final @Nullable OutputForm form, final @Nullable ToolFields tools) {
        if (form == null && tools == null) {
            return null;
        }
        final String field = form == null ? "tools" : form.field();
        if (!text.hasTokenizer()) {
            throw new ApiException(ApiError.invalid(
                    field, "no_tokenizer", "This checkpoint has no tokenizer: nothing is known of its answers' form."));
        }
        final GrammarSource plain = form == null ? null : source(form);
        if (tools == null) {
            return compiled(plain == null ? new GrammarSource.AnyObject() : plain, field);
        }
        if (plain != null && !tools.isForced()) {
            compiled(plain, field);
        }
        return compiled(
                ToolFormat.source(tools, NativeTools.marks(text.hasToolMarks()), tools.isForced() ? null : plain),
                tools.isLegacy() ? "functions" : "tools");
    }

    private static GrammarSource source(final OutputForm form) {
        return switch (form) {
            case OutputForm.JsonObject(final String field) -> new GrammarSource.AnyObject();
            case OutputForm.JsonSchema(final String field, final String schema, final boolean isStrict) ->
                new GrammarSource.Schema(schema, isStrict);
            case OutputForm.Regex(final String field, final String pattern) -> new GrammarSource.Pattern(pattern);
            case OutputForm.Choice(final String field, final var texts) -> new GrammarSource.Choice(texts);
        };
    }

    private Grammar compiled(final GrammarSource source, final String field) {
        final GrammarCompiler with;
        synchronized (this) {
            final Grammar known = kept.get(source);
            if (known != null) {
                return known;
            }
            with = compiler();
        }
        final Grammar made;
        try {
            made = with.compile(source);
        } catch (final GrammarException refused) {
            final String place = field + refused.place();
            throw new ApiException(
                    ApiError.invalid(place, "unsupported_format", place + " " + refused.getMessage() + "."));
        }
        synchronized (this) {
            kept.put(source, made);
        }
        return made;
    }

    private GrammarCompiler compiler() {
        GrammarCompiler made = compiler;
        if (made == null) {
            // A stop id is no text even where the tokenizer shows it.
            final TokenVocabulary vocabulary = new TokenVocabulary(
                    model.vocabSize(),
                    text::tokenBytes,
                    id -> text.isSpecial(id) || model.stopTokenIds().contains(id));
            made = new GrammarCompiler(vocabulary, GrammarLimits.DEFAULT);
            compiler = made;
        }
        return made;
    }
}
