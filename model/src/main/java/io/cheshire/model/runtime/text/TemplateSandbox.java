package io.cheshire.model.runtime.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaNodePreProcessor;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.lib.Importable;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.loader.ResourceNotFoundException;
import com.hubspot.jinjava.tree.Node;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Jinja engine for templates that come with a model file, and so from anybody. Only the tags, filters and functions
 * that chat templates use exist; text that a user wrote is never itself rendered; output, collections and depth are
 * bounded. Time is not: {@link TemplateRenderer} sees to that.
 */
final class TemplateSandbox {
    private static final int MAX_COLLECTION = 10_000;
    private static final int MAX_RENDER_DEPTH = 10;
    private static final int RANGE_LIMIT = 1000;

    private static final Set<String> TAGS = Set.of(
            "if",
            "elif",
            "else",
            "endif",
            "for",
            "endfor",
            "set",
            "endset",
            "raw",
            "endraw",
            "macro",
            "endmacro",
            "break",
            "continue");
    private static final Set<String> FILTERS = Set.of(
            "abs",
            "bool",
            "capitalize",
            "count",
            "d",
            "default",
            "dictsort",
            "first",
            "float",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "sort",
            "split",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "unique",
            "upper");
    /** The engine names functions with their namespace, which is empty for these. */
    private static final Set<String> FUNCTIONS = Set.of(":range", ":namespace");

    /**
     * Ends a rendering that was cancelled. The engine's own check throws an exception which loops note as one more error
     * of the template, and go on; an Error gets through.
     */
    private static final class CancelCheck extends JinjavaNodePreProcessor {
        @Override
        protected void checkForInterrupt(final Node node) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationError();
            }
        }
    }

    private static final class CancellationError extends Error {
        private static final long serialVersionUID = 1L;

        CancellationError() {
            super("rendering was cancelled", null, false, false);
        }
    }

    /** Message of {@code raise_exception} on this thread. */
    private static final ThreadLocal<@Nullable String> RAISED = new ThreadLocal<>();

    private final Jinjava jinjava;

    TemplateSandbox(final int maxOutputChars) {
        final JinjavaConfig config = JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(maxOutputChars)
                .withMaxStringLength(maxOutputChars)
                .withMaxListSize(MAX_COLLECTION)
                .withMaxMapSize(MAX_COLLECTION)
                .withMaxRenderDepth(MAX_RENDER_DEPTH)
                .withRangeLimit(RANGE_LIMIT)
                .withEnableRecursiveMacroCalls(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withKeepTrailingNewline(true)
                .withLegacyOverrides(likeJinja2())
                .withProcessors(JinjavaProcessors.newBuilder()
                        .withNodePreProcessor(new CancelCheck())
                        .build())
                .withDisabled(everythingElse())
                .build();
        jinjava = new Jinjava(config);
        jinjava.setResourceLocator((name, encoding, interpreter) -> {
            throw new ResourceNotFoundException("templates cannot load " + name);
        });
        jinjava.registerFunction(
                new ELFunctionDefinition("", "raise_exception", TemplateSandbox.class, "raiseException", Object.class));
    }

    /** Everything as in Jinja2; there <code>{{'x'}}</code> needs no space inside the braces. */
    private static LegacyOverrides likeJinja2() {
        return LegacyOverrides.newBuilder()
                .withEvaluateMapKeys(true)
                .withIterateOverMapKeys(true)
                .withUseNaturalOperatorPrecedence(true)
                .withParseWhitespaceControlStrictly(true)
                .withAllowAdjacentTextNodes(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .withKeepNullableLoopValues(true)
                .withHandleBackslashInQuotesOnly(true)
                .build();
    }

    /** A block list made from the allow lists, since block lists are what the engine takes. */
    private static Map<Library, Set<String>> everythingElse() {
        final Context all = new Jinjava().getGlobalContext();
        final Map<Library, Set<String>> disabled = new EnumMap<>(Library.class);
        disabled.put(Library.TAG, without(all.getAllTags(), TAGS));
        disabled.put(Library.FILTER, without(all.getAllFilters(), FILTERS));
        disabled.put(Library.FUNCTION, without(all.getAllFunctions(), FUNCTIONS));
        return disabled;
    }

    private static Set<String> without(final Collection<? extends Importable> all, final Set<String> allowed) {
        final Set<String> names = new HashSet<>();
        for (final Importable item : all) {
            if (!allowed.contains(item.getName().toLowerCase(Locale.ROOT))) {
                names.add(item.getName());
            }
        }
        return names;
    }

    /** As Jinja2 does; this engine's own setting would take the newline from the output instead. */
    private static String withoutLastNewline(final String template) {
        return template.endsWith("\n") ? template.substring(0, template.length() - 1) : template;
    }

    /** Called by templates. */
    public static String raiseException(final Object message) {
        RAISED.set(String.valueOf(message));
        throw new InterpretException("raise_exception");
    }

    /** What a client can do about a template that fails is not to use it. */
    static String failure(final String reason) {
        return "the model's chat template failed: " + reason + "; send the prompt to /v1/completions instead";
    }

    /**
     * Renders on the calling thread; ends early if that is interrupted.
     *
     * @param variables strings, numbers, booleans, lists and maps of these; never an object of ours
     */
    String render(final String template, final Map<String, Object> variables) {
        RAISED.remove();
        try {
            final var result = jinjava.renderForResult(withoutLastNewline(template), variables);
            final String raised = RAISED.get();
            if (raised != null) {
                throw new TextException(TextException.Kind.INVALID, raised);
            }
            if (result.hasErrors()) {
                throw new TextException(
                        TextException.Kind.TEMPLATE,
                        failure(result.getErrors().get(0).getMessage()));
            }
            return result.getOutput();
        } catch (final TextException known) {
            throw known;
        } catch (final RuntimeException | StackOverflowError | OutOfMemoryError cause) {
            throw new TextException(TextException.Kind.TEMPLATE, failure(cause.toString()));
        } finally {
            RAISED.remove();
        }
    }
}
