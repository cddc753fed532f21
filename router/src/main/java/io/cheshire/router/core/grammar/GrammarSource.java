package io.cheshire.router.core.grammar;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an answer must match, as it was asked for. Equal sources make equal grammars. */
public sealed interface GrammarSource {
    /** Any object of JSON. */
    record AnyObject() implements GrammarSource {}

    /**
     * A value of JSON.
     *
     * @param schema   JSON Schema, as JSON
     * @param isStrict objects have no properties but those that are named
     */
    record Schema(String schema, boolean isStrict) implements GrammarSource {}

    /** A text that matches from start to end. */
    record Pattern(String pattern) implements GrammarSource {}

    /** One of these texts. */
    record Choice(List<String> texts) implements GrammarSource {
        public Choice {
            texts = List.copyOf(texts);
        }
    }

    /**
     * Calls of tools, or else text.
     *
     * @param marks    how calls are written
     * @param text     what stands there if nothing is called, unless it begins as calls do; null: any text, before
     *                 calls, too
     * @param isForced there is nothing but calls
     * @param isSingle there is one call at most
     */
    record Calls(
            List<Tool> tools, CallMarks marks, @Nullable GrammarSource text, boolean isForced, boolean isSingle)
            implements GrammarSource {
        public Calls {
            tools = List.copyOf(tools);
        }
    }

    /**
     * A tool that may be called.
     *
     * @param parameters JSON Schema of the arguments, as JSON
     */
    record Tool(String name, String parameters, boolean isStrict) {}
}
