package io.cheshire.http.runtime;

import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.core.ScorePreparer;
import io.cheshire.http.protocol.RequestParser;
import io.cheshire.http.protocol.ScoreRequest.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code /classify} and its like, of a model whose head scores; other models have no such paths. */
record ScoreEndpoints(RequestParser parser, ScorePreparer preparer) {
    void addTo(final Endpoints endpoints, final GenerationService generation) {
        byPath().forEach((path, call) -> endpoints.generate(path, generation.endpoint(call)));
    }

    /** What answers a request, by path. */
    Map<String, Function<byte[], PreparedCall>> byPath() {
        final Map<String, Function<byte[], PreparedCall>> calls = new LinkedHashMap<>();
        add(calls, Kind.CLASSIFY, List.of("/classify", "/v1/classify"));
        add(calls, Kind.SCORE, List.of("/score", "/v1/score"));
        add(calls, Kind.RERANK, List.of("/rerank", "/v1/rerank", "/v2/rerank"));
        add(calls, Kind.POOL_TOKENS, List.of("/pooling", "/v1/pooling"));
        return calls;
    }

    private void add(
            final Map<String, Function<byte[], PreparedCall>> calls, final Kind kind, final List<String> paths) {
        paths.forEach(path -> calls.put(path, body -> preparer.call(parser.score(kind, body))));
    }
}
