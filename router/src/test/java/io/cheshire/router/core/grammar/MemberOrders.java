package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a grammar takes a value with the members of its objects in some order: JSON knows no order, answers have one.
 * Every order is tried but those that begin as no text of the grammar begins.
 */
final class MemberOrders {
    private final Grammar grammar;

    /** What is still to be written behind a text, {@code next} behind it. */
    private record Rest(Part part, @Nullable Rest next) {}

    private sealed interface Part {}

    private record Text(String text) implements Part {}

    private record Value(JsonNode node) implements Part {}

    private record Members(List<Map.Entry<String, JsonNode>> left, boolean isFirst) implements Part {}

    private MemberOrders(final Grammar grammar) {
        this.grammar = grammar;
    }

    /** The grammar is of single bytes: a token's number is its byte. */
    static boolean anyMatches(final Grammar grammar, final JsonNode value) {
        return new MemberOrders(grammar).isTaken(new byte[0], 0, new Rest(new Value(value), null));
    }

    /** Some text of the rest's behind this one matches; of this one, the grammar allows the first bytes already. */
    private boolean isTaken(final byte[] text, final int allowedBytes, final @Nullable Rest rest) {
        if (rest == null) {
            return grammar.matches(text);
        }
        return switch (rest.part()) {
            case final Text more -> isTaken(joined(text, more.text()), allowedBytes, rest.next());
            case final Value value -> isTaken(text, allowedBytes, opened(value.node(), rest.next()));
            case final Members members -> isTakenInSomeOrder(text, allowedBytes, members, rest.next());
        };
    }

    private boolean isTakenInSomeOrder(
            final byte[] text, final int allowedBytes, final Members members, final @Nullable Rest next) {
        if (members.left().isEmpty()) {
            return isTaken(joined(text, "}"), allowedBytes, next);
        }
        if (!isBeginning(text, allowedBytes)) {
            return false;
        }
        for (int i = 0; i < members.left().size(); i++) {
            final List<Map.Entry<String, JsonNode>> others = new ArrayList<>(members.left());
            final Map.Entry<String, JsonNode> member = others.remove(i);
            final String key = (members.isFirst() ? "" : ",") + TextNode.valueOf(member.getKey()) + ":";
            final Rest rest = new Rest(new Value(member.getValue()), new Rest(new Members(others, false), next));
            if (isTaken(joined(text, key), text.length, rest)) {
                return true;
            }
        }
        return false;
    }

    private boolean isBeginning(final byte[] text, final int allowedBytes) {
        final int[] tokens = new int[text.length];
        final Grammar.Cursor cursor = grammar.cursor(false);
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = text[i] & 0xff;
            if (i >= allowedBytes && !cursor.after(tokens, 0, i).has(tokens[i])) {
                return false;
            }
        }
        return true;
    }

    private static Rest opened(final JsonNode node, final @Nullable Rest next) {
        return switch (node) {
            case final ObjectNode object ->
                new Rest(new Text("{"), new Rest(new Members(List.copyOf(object.properties()), true), next));
            case final ArrayNode array -> {
                Rest rest = new Rest(new Text("]"), next);
                for (int i = array.size() - 1; i >= 0; i--) {
                    rest = new Rest(new Value(array.get(i)), rest);
                    if (i > 0) {
                        rest = new Rest(new Text(","), rest);
                    }
                }
                yield new Rest(new Text("["), rest);
            }
            default -> new Rest(new Text(node.toString()), next);
        };
    }

    private static byte[] joined(final byte[] text, final String more) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(text);
        all.writeBytes(more.getBytes(StandardCharsets.UTF_8));
        return all.toByteArray();
    }
}
