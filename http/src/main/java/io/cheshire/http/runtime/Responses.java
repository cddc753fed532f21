package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.CallPreparer;
import io.cheshire.http.core.Conversation;
import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.core.Shape;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.ChatRequest;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.RequestParser;
import io.cheshire.http.protocol.ResponseRequest;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/responses}: what a request goes on from is found, and what comes of it is kept, both for its tenant alone.
 * Thread-safe.
 */
final class Responses {
    private static final Logger LOG = LoggerFactory.getLogger(Responses.class);
    private static final String PATH = "/v1/responses";
    private static final String BELOW = PATH + "/";
    private static final String INPUT_ITEMS = "input_items";
    private static final String INPUT = "input";
    private static final String RESPONSE = "response";
    private static final String OUTPUT = "output";
    private static final String LOGPROBS = "logprobs";

    private final KeptThings things;
    private final RequestParser parser;
    private final CallPreparer preparer;
    private final HttpLimits.Api limits;

    Responses(
            final KeptThings things,
            final RequestParser parser,
            final CallPreparer preparer,
            final HttpLimits.Api limits) {
        this.things = things;
        this.parser = parser;
        this.preparer = preparer;
        this.limits = limits;
    }

    void addTo(final Endpoints endpoints, final GenerationService generation) {
        endpoints.generate(PATH, generation.endpoint(this::prepare));
        endpoints.get(PATH + "/*", this::get);
        endpoints.delete(PATH + "/*", this::delete);
    }

    /** A request's call, whose answer is kept if it says so. */
    PreparedCall prepare(final Caller caller, final byte[] body) {
        final ResponseRequest request = parser.response(body);
        final List<ObjectNode> items = new ArrayList<>();
        final String previous = request.previousId();
        if (previous != null) {
            final JsonNode kept = find(caller.tenant(), previous);
            if (kept == null) {
                throw new ApiException(ApiError.invalid(
                        "previous_response_id",
                        "previous_response_not_found",
                        "There is no response with the id in previous_response_id: it was made with store: false,"
                                + " deleted, or its time is over. Send the whole conversation as input."));
            }
            kept.path(INPUT).forEach(item -> items.add((ObjectNode) item));
            kept.path(RESPONSE).path(OUTPUT).forEach(item -> items.add(withoutLogprobs((ObjectNode) item)));
        }
        for (final ObjectNode item : request.items()) {
            items.add(item.path("type").asText().equals("item_reference") ? referred(caller.tenant(), item) : item);
        }
        if (items.size() > limits.messages()) {
            throw ApiException.invalid(
                    INPUT,
                    "input has " + items.size() + " items with those of previous_response_id; the limit is "
                            + limits.messages() + ".");
        }
        final ChatRequest chat = new ChatRequest(
                request.common(),
                Conversation.messages(request.instructions(), items),
                request.tools(),
                false,
                request.ignored());
        return preparer.chat(
                chat,
                extras -> new Shape.Response(
                        extras,
                        request.echo(),
                        response -> keep(caller.tenant(), request.isStored(), items, response)));
    }

    /** What a model reads of an answer: a kilobyte a token less, which a conversation would keep once for each turn. */
    private static ObjectNode withoutLogprobs(final ObjectNode item) {
        for (final JsonNode part : item.path("content")) {
            if (part instanceof final ObjectNode content && content.has(LOGPROBS)) {
                content.putArray(LOGPROBS);
            }
        }
        return item;
    }

    /** False: it is larger than what may be kept. */
    private boolean keep(
            final String tenant, final boolean isStored, final List<ObjectNode> items, final ObjectNode response) {
        if (!isStored) {
            return true;
        }
        final ObjectNode kept = Replies.MAPPER.createObjectNode();
        final ArrayNode input = kept.putArray(INPUT);
        items.forEach(input::add);
        kept.set(RESPONSE, response);
        final String id = response.get("id").textValue();
        try {
            things.put(Kind.RESPONSE, tenant, id, Replies.bytes(kept));
            return true;
        } catch (final FullException full) {
            LOG.warn("response {} is answered and not kept: {}", id, full.getMessage());
            return false;
        }
    }

    private @Nullable JsonNode find(final String tenant, final String id) {
        final KeptThings.Kept kept = things.get(Kind.RESPONSE, tenant, id);
        return kept == null ? null : Replies.tree(kept.value());
    }

    /** Ids of items are made from their response's. */
    private ObjectNode referred(final String tenant, final ObjectNode reference) {
        final String id = reference.get("id").textValue();
        final String[] names = id.split("_", -1);
        final JsonNode kept = names.length == 3 ? find(tenant, "resp_" + names[1]) : null;
        if (kept != null) {
            for (final JsonNode item : kept.path(RESPONSE).path(OUTPUT)) {
                if (item.path("id").asText().equals(id)) {
                    return withoutLogprobs((ObjectNode) item);
                }
            }
        }
        throw new ApiException(ApiError.invalid(
                reference.get("place").textValue(),
                "item_not_found",
                "No response that is kept has an item with this id; send the item itself."));
    }

    private HttpResponse get(final ServiceRequestContext ctx, final HttpRequest req) {
        final String[] names = Endpoints.below(ctx, BELOW).split("/", -1);
        final JsonNode kept = needed(ctx, names[0]);
        if (names.length == 1) {
            if ("true".equals(ctx.queryParam("stream"))) {
                throw ApiException.invalid("stream", "stream is true, but events of a response are not kept.");
            }
            return Replies.json(200, kept.path(RESPONSE));
        }
        if (names.length == 2 && names[1].equals(INPUT_ITEMS)) {
            return Replies.json(200, inputItems(ctx, names[0], kept.path(INPUT)));
        }
        throw notThere();
    }

    private HttpResponse delete(final ServiceRequestContext ctx, final HttpRequest req) {
        final String id = Endpoints.below(ctx, BELOW);
        if (!things.delete(Kind.RESPONSE, Tenants.of(ctx), id)) {
            throw notThere();
        }
        return Replies.deleted(id, RESPONSE);
    }

    private JsonNode needed(final ServiceRequestContext ctx, final String id) {
        final JsonNode kept = find(Tenants.of(ctx), id);
        if (kept == null) {
            throw notThere();
        }
        return kept;
    }

    private static ApiException notThere() {
        return ApiException.of(
                404, "response_not_found", "There is no such response: it was never kept, or isn't any more.");
    }

    /** The newest first, unless {@code order=asc}. */
    private static JsonNode inputItems(final ServiceRequestContext ctx, final String responseId, final JsonNode input) {
        final List<ObjectNode> items = new ArrayList<>();
        for (int i = 0; i < input.size(); i++) {
            final ObjectNode item = input.get(i).deepCopy();
            if (!item.has("id")) {
                item.put("id", "in_" + responseId.substring(responseId.indexOf('_') + 1) + "_" + i);
            }
            items.add(item);
        }
        return ListPages.page(ctx, items, false);
    }
}
