package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.Http1Head;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kept;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /v1/files}: what batches read and what they write, line by line. Thread-safe. */
final class FileEndpoints {
    private static final Logger LOG = LoggerFactory.getLogger(FileEndpoints.class);
    private static final String PATH = Http1Head.FILES;
    private static final String BELOW = PATH + "/";

    private final KeptThings things;
    private final FileUploads uploads;
    private final HttpLimits limits;
    private final Batches batches;

    FileEndpoints(final KeptThings things, final FileUploads uploads, final HttpLimits limits, final Batches batches) {
        this.things = things;
        this.uploads = uploads;
        this.limits = limits;
        this.batches = batches;
    }

    /** @param forms lets bodies of the type {@code multipart/form-data} in */
    void addTo(final Endpoints endpoints, final RequestGuard forms) {
        endpoints.post(PATH, uploads::take, forms);
        endpoints.get(PATH, this::list);
        endpoints.stream(PATH + "/*", this::get);
        endpoints.delete(PATH + "/*", this::delete);
    }

    static ApiException full(final FullException full) {
        return new ApiException(ApiError.busy("store_full", String.valueOf(full.getMessage()), 1));
    }

    private HttpResponse list(final ServiceRequestContext ctx, final HttpRequest req) {
        final String purpose = ctx.queryParam("purpose");
        final List<ObjectNode> heads = things.all(Kind.FILE, Tenants.of(ctx)).stream()
                .map(kept -> (ObjectNode) Replies.tree(kept.value()))
                .filter(head -> !FileHead.isHidden(head))
                .filter(head ->
                        purpose == null || purpose.equals(head.path("purpose").asText()))
                .toList();
        return Replies.json(200, ListPages.page(ctx, heads, false));
    }

    private HttpResponse get(final ServiceRequestContext ctx, final HttpRequest req) {
        final String[] names = Endpoints.below(ctx, BELOW).split("/", -1);
        final ObjectNode head = head(Tenants.of(ctx), names[0]);
        if (head == null || names.length > 2 || (names.length == 2 && !names[1].equals("content"))) {
            throw notThere();
        }
        return names.length == 1
                ? Replies.json(200, head)
                : content(names[0], head.path("bytes").longValue());
    }

    private @Nullable ObjectNode head(final String tenant, final String id) {
        final Kept kept = things.get(Kind.FILE, tenant, id);
        final ObjectNode head = kept == null ? null : (ObjectNode) Replies.tree(kept.value());
        return head == null || FileHead.isHidden(head) ? null : head;
    }

    /** At its reader's pace, a block at a time. */
    private HttpResponse content(final String id, final long bytes) {
        final HttpResponseWriter writer = HttpResponse.streaming();
        var _ = writer.tryWrite(ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.OCTET_STREAM)
                .contentLength(bytes)
                .build());
        Thread.ofVirtual().name("file-" + id).start(() -> {
            try (BlockOutput out = new BlockOutput(writer, limits.timeouts().writeStallMs())) {
                long leftBytes = bytes;
                for (final byte[] part : things.parts(id)) {
                    out.write(part);
                    leftBytes -= part.length;
                }
                out.send();
                if (leftBytes == 0) {
                    writer.close();
                } else {
                    // Deleted meanwhile: who waits for the rest must not wait for ever.
                    writer.abort(AbortedStreamException.get());
                }
            } catch (final IOException readerIsGoneOrTooSlow) {
                writer.abort(AbortedStreamException.get());
            } catch (final RuntimeException | Error failure) {
                LOG.error("file {} can't be read", id, failure);
                writer.abort(AbortedStreamException.get());
            }
        });
        return writer;
    }

    private HttpResponse delete(final ServiceRequestContext ctx, final HttpRequest req) {
        final String id = Endpoints.below(ctx, BELOW);
        if (head(Tenants.of(ctx), id) == null) {
            throw notThere();
        }
        final String reader = batches.readerOf(id);
        if (reader != null) {
            throw ApiException.of(
                    409,
                    "file_in_use",
                    "The batch " + reader + " reads this file; delete it when that is over, or cancel that first.");
        }
        if (!things.delete(Kind.FILE, Tenants.of(ctx), id)) {
            throw notThere();
        }
        return Replies.deleted(id, "file");
    }

    private static ApiException notThere() {
        return ApiException.of(404, "file_not_found", "There is no such file: it was deleted, or never was.");
    }
}
