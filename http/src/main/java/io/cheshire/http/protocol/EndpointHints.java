package io.cheshire.http.protocol;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a 404 says: the path that was asked for, and where to go instead. Pure. */
public final class EndpointHints {
    private static final int MAX_SHOWN_CHARS = 100;
    private static final int MAX_DISTANCE = 3;
    private static final String LISTED = "GET / lists the endpoints.";
    private static final String GENERATES =
            " is not implemented: this server generates text with POST /v1/chat/completions and POST /v1/completions.";

    /** Paths of OpenAI's API and of other engines that clients try, by their beginning. */
    private static final List<String> NOT_IMPLEMENTED = List.of(
            "/v1/embeddings",
            "/v1/moderations",
            "/v1/images",
            "/v1/audio",
            "/v1/uploads",
            "/v1/fine_tuning",
            "/v1/conversations",
            "/v1/assistants",
            "/v1/threads",
            "/v1/vector_stores",
            "/v1/realtime",
            "/v1/rerank",
            "/v1/score",
            "/v1/classify",
            "/v1/pooling",
            "/v1/messages");

    /** Of those, what to do instead where more can be said. */
    private static final Map<String, String> INSTEAD = Map.of(
            "/v1/embeddings",
            " needs a model of embeddings, and this is a causal one: run a server of such a model beside it.",
            "/v1/classify",
            " needs a classification head, which this checkpoint's class hasn't: ask for a choice with"
                    + " structured_outputs.choice and logprobs instead.",
            "/v1/score",
            " needs a scoring head, which this checkpoint's class hasn't: score a text with POST /v1/completions, echo"
                    + " and logprobs, or ask for a choice with logprobs.",
            "/v1/rerank",
            " needs a scoring head, which this checkpoint's class hasn't: ask for a choice with"
                    + " structured_outputs.choice and logprobs for each document.",
            "/v1/pooling",
            " needs a pooling or reward head, which this checkpoint's class hasn't: score a text with POST"
                    + " /v1/completions, echo and logprobs.");

    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("/healthz", "/health"),
            Map.entry("/livez", "/health"),
            Map.entry("/ping", "/health"),
            Map.entry("/readyz", "/ready"),
            Map.entry("/completion", "/v1/completions"),
            Map.entry("/generate", "/v1/completions"),
            Map.entry("/api/generate", "/v1/completions"),
            Map.entry("/api/chat", "/v1/chat/completions"),
            Map.entry("/api/tags", "/v1/models"),
            Map.entry("/v1/tokenize", "/tokenize"),
            Map.entry("/v1/detokenize", "/detokenize"));

    private EndpointHints() {}

    /**
     * Of a path that a listener doesn't have.
     *
     * @param path  as asked for
     * @param known the listener's own paths
     * @param isApi it is the API's listener, not that of operations
     */
    public static ApiError notFound(final String path, final Collection<String> known, final boolean isApi) {
        return ApiError.of(404, "not_found", "There is no " + shown(path) + " here. " + hint(path, known, isApi));
    }

    private static String hint(final String path, final Collection<String> known, final boolean isApi) {
        if (isApi && (path.equals("/metrics") || path.startsWith("/admin"))) {
            return "It is on the operations port (cheshire.ops.port).";
        }
        if (!isApi && (path.startsWith("/v1/") || path.endsWith("tokenize"))) {
            return "It is on the API's port (cheshire.router.http.port).";
        }
        final String bare = path.startsWith("/v2/") ? path.substring(3) : path;
        final String versioned = bare.startsWith("/v1/") ? bare : "/v1" + bare;
        for (final String beginning : NOT_IMPLEMENTED) {
            if (isApi && (versioned.equals(beginning) || versioned.startsWith(beginning + "/"))) {
                return beginning + INSTEAD.getOrDefault(beginning, GENERATES);
            }
        }
        return nearest(path, known)
                .map(near -> "Did you mean " + near + "? " + LISTED)
                .orElse(LISTED);
    }

    private static Optional<String> nearest(final String path, final Collection<String> known) {
        final String alias = ALIASES.get(path);
        if (alias != null && known.contains(alias)) {
            return Optional.of(alias);
        }
        final Optional<String> sameEnd = known.stream()
                .filter(one -> one.length() > 1 && (one.endsWith(path) || path.endsWith(one)))
                .max(Comparator.comparingInt(String::length));
        return sameEnd.isPresent()
                ? sameEnd
                : known.stream()
                        .filter(one -> one.length() > 1
                                && Math.abs(one.length() - path.length()) <= MAX_DISTANCE
                                && distance(one, path) <= MAX_DISTANCE)
                        .min(Comparator.comparingInt(one -> distance(one, path)));
    }

    /** Letters to insert, drop or change (Levenshtein). */
    private static int distance(final String a, final String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            final int[] next = new int[b.length() + 1];
            next[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int change = row[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(change, 1 + Math.min(row[j], next[j - 1]));
            }
            row = next;
        }
        return row[b.length()];
    }

    /** Bounded, and only what can't be mistaken for something else in a log or on a terminal. */
    private static String shown(final String path) {
        final String graphic = path.replaceAll("[^!-~]", "?");
        return graphic.length() <= MAX_SHOWN_CHARS ? graphic : graphic.substring(0, MAX_SHOWN_CHARS) + "…";
    }
}
