package io.cheshire.http.runtime;

import io.cheshire.http.core.CallPreparer;
import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.RequestParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the lines of a batch may ask for: what requests may. A batch that an earlier process was given may ask for what
 * this one's model hasn't.
 *
 * @param served paths that this model answers
 * @param byPath what answers a line, or says why it isn't
 */
record BatchCalls(List<String> served, Map<String, BiFunction<Caller, byte[], PreparedCall>> byPath) {
    BatchCalls {
        served = List.copyOf(served);
        byPath = Map.copyOf(byPath);
    }

    /** @param scores null: the model generates */
    static BatchCalls of(
            final RequestParser parser,
            final CallPreparer preparer,
            final Responses responses,
            final @Nullable ScoreEndpoints scores) {
        final Map<String, BiFunction<Caller, byte[], PreparedCall>> calls = new LinkedHashMap<>();
        calls.put("/v1/chat/completions", (_, body) -> preparer.chat(parser.chat(body)));
        calls.put("/v1/completions", (_, body) -> preparer.completion(parser.completion(body)));
        calls.put("/v1/responses", responses::prepare);
        if (scores == null) {
            return new BatchCalls(List.copyOf(calls.keySet()), calls);
        }
        scores.byPath().forEach((path, call) -> calls.put(path, (_, body) -> call.apply(body)));
        return new BatchCalls(List.copyOf(scores.byPath().keySet()), calls);
    }

    /** @throws ApiException the line isn't served */
    PreparedCall prepare(final Caller caller, final String path, final byte[] body) {
        final BiFunction<Caller, byte[], PreparedCall> call = byPath.get(path);
        if (call == null) {
            throw ApiException.of(404, "not_found", "This server's model has no endpoint " + path + ".");
        }
        return call.apply(caller, body);
    }
}
