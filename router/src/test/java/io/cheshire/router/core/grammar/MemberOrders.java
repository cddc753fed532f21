package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A value with the members of its objects in any order, as it is first: JSON knows no order, answers have one. */
final class MemberOrders {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** So many are looked at. */
    static final int MOST = 20_000;

    private MemberOrders() {}

    static List<JsonNode> of(final JsonNode value) {
        return switch (value) {
            case final ObjectNode object -> objects(object);
            case final ArrayNode array -> arrays(array);
            default -> List.of(value);
        };
    }

    private static List<JsonNode> arrays(final ArrayNode array) {
        List<JsonNode> all = List.of(JSON.arrayNode());
        for (final JsonNode item : array) {
            final List<JsonNode> longer = new ArrayList<>();
            for (final JsonNode before : all) {
                for (final JsonNode each : of(item)) {
                    if (longer.size() < MOST) {
                        longer.add(((ArrayNode) before.deepCopy()).add(each));
                    }
                }
            }
            all = longer;
        }
        return all;
    }

    private static List<JsonNode> objects(final ObjectNode object) {
        final List<JsonNode> all = new ArrayList<>();
        final List<Map.Entry<String, List<JsonNode>>> left = new ArrayList<>();
        object.properties().forEach(member -> left.add(Map.entry(member.getKey(), of(member.getValue()))));
        add(JSON.objectNode(), left, all);
        return all;
    }

    private static void add(
            final ObjectNode begun, final List<Map.Entry<String, List<JsonNode>>> left, final List<JsonNode> all) {
        if (left.isEmpty()) {
            all.add(begun);
            return;
        }
        for (int i = 0; i < left.size(); i++) {
            final List<Map.Entry<String, List<JsonNode>>> others = new ArrayList<>(left);
            final Map.Entry<String, List<JsonNode>> next = others.remove(i);
            for (final JsonNode value : next.getValue()) {
                if (all.size() < MOST) {
                    add(begun.deepCopy().set(next.getKey(), value), others, all);
                }
            }
        }
    }
}
