package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.router.api.core.CallPreparer;
import io.cheshire.router.api.core.ModelInfo;
import io.cheshire.router.api.core.RequestPlan;
import io.cheshire.router.api.core.ResponseJson;
import io.cheshire.router.api.core.TextModel;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.api.protocol.RequestParser;
import io.cheshire.router.core.Engine;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Endpoints of the API listener. */
record ApiServices(
        Engine engine,
        TextModel text,
        ModelInfo model,
        CallPreparer preparer,
        RequestParser parser,
        GenerationService generation,
        BodyWorker worker,
        BooleanSupplier draining) {

    Endpoints endpoints() {
        final Endpoints endpoints = new Endpoints();
        endpoints.generate("/v1/chat/completions", generation.endpoint(body -> preparer.chat(parser.chat(body))));
        endpoints.generate(
                "/v1/completions", generation.endpoint(body -> preparer.completion(parser.completion(body))));
        endpoints.post("/tokenize", jsonService(this::tokenize));
        endpoints.post("/detokenize", jsonService(this::detokenize));
        endpoints.get("/v1/models", (ctx, req) -> Replies.json(200, ResponseJson.models(model)));
        endpoints.get("/v1/models/*", this::oneModel);
        CommonServices.addTo(endpoints, engine, draining);
        return endpoints;
    }

    private HttpResponse oneModel(final ServiceRequestContext ctx, final HttpRequest req) {
        RequestPlan.checkModel(model, Endpoints.below(ctx));
        return Replies.json(200, ResponseJson.model(model));
    }

    private HttpService jsonService(final Function<byte[], ObjectNode> answer) {
        return (ctx, req) -> {
            final HttpResponseWriter writer = HttpResponse.streaming();
            worker.submit(
                    ctx,
                    req,
                    writer,
                    body -> new ResponseSink(writer, RequestIds.of(ctx), 0, 1).whole(answer.apply(body)));
            return writer;
        };
    }

    private ObjectNode tokenize(final byte[] body) {
        final RequestParser.TokenizeRequest request = parser.tokenize(body);
        RequestPlan.checkModel(model, request.model());
        final String prompt = request.prompt();
        final List<Integer> tokens = prompt != null
                ? preparer.encode(prompt, request.addSpecialTokens())
                : preparer.render(request.messages());
        final ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("count", tokens.size());
        answer.put("max_model_len", model.contextTokens());
        answer.set("tokens", ResponseJson.ids(tokens));
        return answer;
    }

    private ObjectNode detokenize(final byte[] body) {
        final RequestParser.DetokenizeRequest request = parser.detokenize(body);
        RequestPlan.checkModel(model, request.model());
        preparer.needTokenizer("tokens");
        RequestPlan.checkIds(model, request.tokens(), "tokens");
        if (request.tokens().size() > model.contextTokens()) {
            throw ApiException.invalid(
                    "tokens",
                    "tokens has " + request.tokens().size() + " ids; the context is " + model.contextTokens() + ".");
        }
        final String decoded = Objects.requireNonNull(text.decode(request.tokens()));
        return JsonNodeFactory.instance.objectNode().put("prompt", decoded);
    }
}
