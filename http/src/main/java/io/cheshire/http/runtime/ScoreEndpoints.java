package io.cheshire.http.runtime;

import io.cheshire.http.core.ScorePreparer;
import io.cheshire.http.protocol.RequestParser;
import io.cheshire.http.protocol.ScoreRequest.Kind;
import java.util.List;

/** {@code /classify} and its like, of a model whose head scores; other models have no such paths. */
record ScoreEndpoints(RequestParser parser, ScorePreparer preparer, GenerationService generation) {
    void addTo(final Endpoints endpoints) {
        add(endpoints, Kind.CLASSIFY, List.of("/classify", "/v1/classify"));
        add(endpoints, Kind.SCORE, List.of("/score", "/v1/score"));
        add(endpoints, Kind.RERANK, List.of("/rerank", "/v1/rerank", "/v2/rerank"));
        add(endpoints, Kind.POOL_TOKENS, List.of("/pooling", "/v1/pooling"));
    }

    private void add(final Endpoints endpoints, final Kind kind, final List<String> paths) {
        for (final String path : paths) {
            endpoints.generate(path, generation.endpoint(body -> preparer.call(parser.score(kind, body))));
        }
    }
}
