package io.cheshire.http.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A response of {@code /v1/responses} as it comes about: its items, and the events that tell of them. An item is text,
 * or a call of a tool. Single-threaded.
 */
public final class ResponseAnswer {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String STORE = "store";
    private static final String STATUS = "status";
    private static final String OUTPUT_INDEX = "output_index";
    private static final String CONTENT_INDEX = "content_index";
    private static final String ITEM_ID = "item_id";
    private static final String IN_PROGRESS = "in_progress";
    private static final String COMPLETED = "completed";
    private static final String INCOMPLETE = "incomplete";
    private static final String ARGUMENTS = "arguments";
    private static final String LOGPROBS = "logprobs";

    private final String idEnd;
    private final ObjectNode response = JSON.objectNode();
    private final ArrayNode output = JSON.arrayNode();
    private final @Nullable CallScanner scanner;
    private final @Nullable ResponseTokens tokens;
    private final StringBuilder text = new StringBuilder();
    /** Of the open item's text. */
    private ArrayNode logprobs = JSON.arrayNode();
    /** Characters of the answer that were told as text. */
    private long toldChars;

    private List<ObjectNode> events = new ArrayList<>();
    private @Nullable ObjectNode open;
    private int sequence;

    /**
     * @param id       of the response
     * @param limits   that say which calls the text may hold
     * @param labels   of tokens, whose log-probabilities are told; null: nothing is told of them
     * @param echo     members of the request that the response repeats
     */
    public ResponseAnswer(
            final String id,
            final long createdSeconds,
            final ModelInfo model,
            final PreparedCall.Limits limits,
            final @Nullable TokenLabels labels,
            final ObjectNode echo) {
        this.idEnd = id.substring(id.indexOf('_') + 1);
        this.scanner = limits.tools() == null ? null : limits.scanner();
        this.tokens = labels == null ? null : new ResponseTokens(labels);
        response.put("id", id).put("object", "response").put("created_at", createdSeconds);
        response.put(STATUS, IN_PROGRESS).put("background", false);
        response.putNull("error").putNull("incomplete_details");
        response.put("model", model.id());
        response.set("output", JSON.arrayNode());
        response.setAll(echo);
        response.putNull("usage").putNull("user");
        response.put("system_fingerprint", model.fingerprint());
    }

    /** The first events. */
    public List<ObjectNode> begin() {
        event("response.created").set("response", response.deepCopy());
        event("response.in_progress").set("response", response.deepCopy());
        return taken();
    }

    /** Further parts, and the events that tell of them. */
    public List<ObjectNode> push(final List<ShownPart> parts) {
        if (tokens != null) {
            tokens.add(parts);
        }
        final String piece = ShownPart.textOf(parts);
        if (scanner == null) {
            plain(piece);
        } else {
            scanner.push(piece).forEach(this::found);
        }
        return taken();
    }

    /** The answer is over: the last events, of which the last has the response. */
    public List<ObjectNode> end(final boolean isCut, final Usage usage) {
        if (scanner != null) {
            scanner.finish().forEach(this::found);
        }
        if (open == null || !open.has(ARGUMENTS)) {
            // Tokens without a text, as the one that ended the answer.
            plain("");
        }
        if (open == null && output.isEmpty()) {
            openMessage();
        }
        close(isCut ? INCOMPLETE : COMPLETED);
        response.put(STATUS, isCut ? INCOMPLETE : COMPLETED);
        if (isCut) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        response.set("output", output);
        final ObjectNode counted = response.putObject("usage");
        counted.put("input_tokens", usage.promptTokens());
        counted.putObject("input_tokens_details")
                .put("cached_tokens", usage.cachedTokens())
                .put("cache_write_tokens", 0);
        counted.put("output_tokens", usage.completionTokens());
        counted.putObject("output_tokens_details").put("reasoning_tokens", 0);
        counted.put("total_tokens", usage.promptTokens() + usage.completionTokens());
        event("response." + response.get(STATUS).textValue()).set("response", response.deepCopy());
        return taken();
    }

    /** The response found no room in the store, and says so, as the last of these events does. */
    public void notStored(final List<ObjectNode> last) {
        response.put(STORE, false);
        last.getLast().withObject("/response").put(STORE, false);
    }

    /** The response as far as it is. */
    public ObjectNode response() {
        return response;
    }

    private void found(final CallScanner.Found found) {
        switch (found) {
            case CallScanner.Plain(final String piece) -> plain(piece);
            case CallScanner.Opened(final int number, final String name) -> {
                close(COMPLETED);
                final ObjectNode item = JSON.objectNode();
                item.put("id", "fc_" + idEnd + "_" + output.size()).put("type", "function_call");
                item.put(STATUS, IN_PROGRESS).put(ARGUMENTS, "");
                item.put("call_id", "call_" + idEnd + "_" + number).put("name", name);
                added(item);
            }
            case CallScanner.Arguments(final int number, final String piece) -> {
                text.append(piece);
                itemEvent("response.function_call_arguments.delta").put("delta", piece);
            }
        }
    }

    private void plain(final String piece) {
        toldChars += piece.length();
        final List<RawValue> told = tokens == null ? List.of() : tokens.within(toldChars);
        if (piece.isEmpty() && told.isEmpty()) {
            return;
        }
        if (open == null) {
            openMessage();
        }
        text.append(piece);
        final ArrayNode entries =
                contentEvent("response.output_text.delta").put("delta", piece).putArray(LOGPROBS);
        told.forEach(entries::addRawValue);
        logprobs.addAll(entries);
    }

    private void openMessage() {
        final ObjectNode item = JSON.objectNode();
        item.put("id", "msg_" + idEnd + "_" + output.size()).put("type", "message");
        item.put(STATUS, IN_PROGRESS).put("role", "assistant").putArray("content");
        added(item);
        contentEvent("response.content_part.added").set("part", part(""));
    }

    private void added(final ObjectNode item) {
        text.setLength(0);
        logprobs = JSON.arrayNode();
        open = item;
        event("response.output_item.added").put(OUTPUT_INDEX, output.size()).set("item", item.deepCopy());
    }

    private void close(final String status) {
        final ObjectNode item = open;
        if (item == null) {
            return;
        }
        final String whole = text.toString();
        if (item.has(ARGUMENTS)) {
            itemEvent("response.function_call_arguments.done")
                    .put("name", item.get("name").textValue())
                    .put(ARGUMENTS, whole);
            item.put(ARGUMENTS, whole);
        } else {
            contentEvent("response.output_text.done").put("text", whole).set(LOGPROBS, logprobs);
            contentEvent("response.content_part.done").set("part", part(whole));
            item.putArray("content").add(part(whole));
        }
        item.put(STATUS, status);
        event("response.output_item.done").put(OUTPUT_INDEX, output.size()).set("item", item.deepCopy());
        output.add(item);
        open = null;
    }

    private ObjectNode part(final String text) {
        final ObjectNode part = JSON.objectNode().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        part.putArray(LOGPROBS).addAll(logprobs);
        return part;
    }

    private ObjectNode contentEvent(final String type) {
        return itemEvent(type).put(CONTENT_INDEX, 0);
    }

    private ObjectNode itemEvent(final String type) {
        return event(type)
                .put(ITEM_ID, Objects.requireNonNull(open).get("id").textValue())
                .put(OUTPUT_INDEX, output.size());
    }

    private ObjectNode event(final String type) {
        final ObjectNode event = JSON.objectNode().put("type", type).put("sequence_number", sequence++);
        events.add(event);
        return event;
    }

    private List<ObjectNode> taken() {
        final List<ObjectNode> taken = events;
        events = new ArrayList<>();
        return taken;
    }
}
