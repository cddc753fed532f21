package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.protocol.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/batches}. Thread-safe. */
record BatchEndpoints(Batches batches, BodyWorker worker) {
    private static final String PATH = "/v1/batches";
    private static final String BELOW = PATH + "/";
    private static final String CANCEL = "/cancel";

    /** @param bare lets requests without a body in */
    void addTo(final Endpoints endpoints, final RequestGuard bare) {
        endpoints.post(PATH, this::create);
        endpoints.get(PATH, this::list);
        endpoints.get(PATH + "/*", this::get);
        endpoints.post(PATH + "/*", this::cancel, bare);
    }

    /** Once there is a batch, its client is told: who was refused would make another. */
    private HttpResponse create(final ServiceRequestContext ctx, final HttpRequest req) {
        final HttpResponseWriter writer = HttpResponse.streaming();
        worker.submit(ctx, req, writer, body -> {
            final BatchHead made = batches.create(Tenants.of(ctx), body);
            Replies.send(writer, made.shown());
        });
        return writer;
    }

    private HttpResponse list(final ServiceRequestContext ctx, final HttpRequest req) {
        final List<ObjectNode> all =
                batches.all(Tenants.of(ctx)).stream().map(BatchHead::shown).toList();
        return Replies.json(200, ListPages.page(ctx, all, false));
    }

    private HttpResponse get(final ServiceRequestContext ctx, final HttpRequest req) {
        return shown(batches.find(Tenants.of(ctx), Endpoints.below(ctx, BELOW)));
    }

    private HttpResponse cancel(final ServiceRequestContext ctx, final HttpRequest req) {
        final String below = Endpoints.below(ctx, BELOW);
        if (!below.endsWith(CANCEL)) {
            throw notThere();
        }
        return shown(batches.cancel(Tenants.of(ctx), below.substring(0, below.length() - CANCEL.length())));
    }

    private static HttpResponse shown(final @Nullable BatchHead head) {
        if (head == null) {
            throw notThere();
        }
        return Replies.json(200, head.shown());
    }

    private static ApiException notThere() {
        return ApiException.of(404, "batch_not_found", "There is no such batch.");
    }
}
