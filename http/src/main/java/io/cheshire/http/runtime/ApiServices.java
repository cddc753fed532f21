package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.CallPreparer;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.RequestPlan;
import io.cheshire.http.core.ResponseJson;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.core.TextWalk;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.RequestParser;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Endpoints of the API listener. */
record ApiServices(
        TextModel text,
        ModelInfo model,
        CallPreparer preparer,
        RequestParser parser,
        GenerationService generation,
        BodyWorker worker,
        JsonAnswers answers,
        Responses responses,
        @Nullable ScoreEndpoints scores,
        FileEndpoints files,
        Batches batches,
        Supplier<@Nullable String> notReady) {

    /** @param guard of those whose bodies are JSON */
    Endpoints endpoints(final RequestGuard guard) {
        final Endpoints endpoints = new Endpoints();
        endpoints.generate("/v1/chat/completions", generation.endpoint(body -> preparer.chat(parser.chat(body))));
        endpoints.generate(
                "/v1/completions", generation.endpoint(body -> preparer.completion(parser.completion(body))));
        if (scores != null) {
            scores.addTo(endpoints, generation);
        }
        responses.addTo(endpoints, generation);
        files.addTo(endpoints, guard.with(RequestGuard.Body.FORM));
        new BatchEndpoints(batches, worker).addTo(endpoints, guard.with(RequestGuard.Body.NONE));
        endpoints.post("/tokenize", answers.service(this::tokenize));
        endpoints.post("/detokenize", answers.service(this::detokenize));
        endpoints.get("/tokenizer_info", (ctx, req) -> tokenizerInfo());
        endpoints.get("/v1/models", (ctx, req) -> Replies.json(200, ResponseJson.models(model)));
        endpoints.get("/v1/models/*", this::oneModel);
        CommonServices.addTo(endpoints, notReady);
        return endpoints;
    }

    private HttpResponse tokenizerInfo() {
        final JsonNode info = text.info();
        if (info == null) {
            throw ApiException.of(404, "no_tokenizer", "This checkpoint says nothing of a tokenizer.");
        }
        return Replies.json(200, info);
    }

    private HttpResponse oneModel(final ServiceRequestContext ctx, final HttpRequest req) {
        final String name = Endpoints.below(ctx, "/v1/models/");
        RequestPlan.checkModel(model, name);
        return Replies.json(200, ResponseJson.model(model, name));
    }

    private JsonAnswers.Answer tokenize(final byte[] body) {
        final RequestParser.TokenizeRequest request = parser.tokenize(body);
        RequestPlan.checkModel(model, request.model());
        final String prompt = request.prompt();
        final int[] tokens = (prompt != null
                        ? preparer.encode(prompt, request.addSpecialTokens())
                        : preparer.render(request.messages()))
                .stream().mapToInt(Integer::intValue).toArray();
        return new JsonAnswers.Answer((long) tokens.length * Integer.BYTES, json -> {
            json.writeStartObject();
            json.writeNumberField("count", tokens.length);
            json.writeNumberField("max_model_len", model.contextTokens());
            json.writeFieldName("tokens");
            json.writeArray(tokens, 0, tokens.length);
            json.writeEndObject();
        });
    }

    private JsonAnswers.Answer detokenize(final byte[] body) {
        final RequestParser.DetokenizeRequest request = parser.detokenize(body);
        RequestPlan.checkModel(model, request.model());
        preparer.needTokenizer("tokens");
        RequestPlan.checkIds(model, request.tokens(), "tokens");
        if (request.tokens().size() > model.contextTokens()) {
            throw ApiException.invalid(
                    "tokens",
                    "tokens has " + request.tokens().size() + " ids; the context is " + model.contextTokens() + ".");
        }
        final String decoded = TextWalk.textOf(text, request.tokens());
        return new JsonAnswers.Answer((long) decoded.length() * Character.BYTES, json -> {
            json.writeStartObject();
            json.writeStringField("prompt", decoded);
            json.writeEndObject();
        });
    }
}
