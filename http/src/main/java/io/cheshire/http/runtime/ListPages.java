package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists as OpenAI pages them, by {@code limit}, {@code after} and {@code order}. */
final class ListPages {
    private static final int DEFAULT_ITEMS = 20;
    private static final int MOST_ITEMS = 100;

    private ListPages() {}

    /**
     * The page that a request asks for.
     *
     * @param oldestFirst     the items' order
     * @param isAscendingWish which order is asked for where nothing is said
     */
    static JsonNode page(
            final ServiceRequestContext ctx, final List<ObjectNode> oldestFirst, final boolean isAscendingWish) {
        final String order = ctx.queryParam("order");
        if (order != null && !order.equals("asc") && !order.equals("desc")) {
            throw ApiException.invalid("order", "order must be asc or desc.");
        }
        final boolean isAscending = order == null ? isAscendingWish : order.equals("asc");
        final List<ObjectNode> all = isAscending ? oldestFirst : oldestFirst.reversed();
        final int limit = limit(ctx.queryParam("limit"));
        final int from = after(all, ctx.queryParam("after"));
        final int to = Math.min(all.size(), from + limit);
        final ObjectNode page = Replies.MAPPER.createObjectNode().put("object", "list");
        final ArrayNode data = page.putArray("data");
        all.subList(from, to).forEach(data::add);
        page.put("first_id", from < to ? all.get(from).path("id").asText() : null);
        page.put("last_id", from < to ? all.get(to - 1).path("id").asText() : null);
        page.put("has_more", to < all.size());
        return page;
    }

    private static int limit(final @Nullable String asked) {
        if (asked == null) {
            return DEFAULT_ITEMS;
        }
        if (!asked.matches("[1-9][0-9]{0,4}")) {
            throw ApiException.invalid("limit", "limit must be a number from 1 on.");
        }
        return Math.min(MOST_ITEMS, Integer.parseInt(asked));
    }

    private static int after(final List<ObjectNode> all, final @Nullable String id) {
        if (id == null) {
            return 0;
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).path("id").asText().equals(id)) {
                return i + 1;
            }
        }
        throw ApiException.invalid("after", "after is no id of this list.");
    }
}
