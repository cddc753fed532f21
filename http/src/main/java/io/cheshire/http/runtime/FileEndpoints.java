package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.multipart.AggregatedBodyPart;
import com.linecorp.armeria.common.multipart.AggregatedMultipart;
import com.linecorp.armeria.common.multipart.Multipart;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kept;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code /v1/files}: what batches read and what they write, line by line. Thread-safe. */
final class FileEndpoints {
    private static final String PATH = "/v1/files";
    private static final String BELOW = PATH + "/";

    private final KeptThings things;
    private final BodyWorker worker;
    private final HttpLimits limits;
    private final int mostLines;

    FileEndpoints(final KeptThings things, final BodyWorker worker, final HttpLimits limits, final int mostLines) {
        this.things = things;
        this.worker = worker;
        this.limits = limits;
        this.mostLines = mostLines;
    }

    /** @param uploads lets bodies of the type {@code multipart/form-data} in */
    void addTo(final Endpoints endpoints, final RequestGuard uploads) {
        endpoints.post(PATH, this::upload, uploads);
        endpoints.get(PATH, this::list);
        endpoints.stream(PATH + "/*", this::get);
        endpoints.delete(PATH + "/*", this::delete);
    }

    private HttpResponse upload(final ServiceRequestContext ctx, final HttpRequest req) {
        final HttpResponseWriter writer = HttpResponse.streaming();
        final MediaType type = Objects.requireNonNullElse(req.headers().contentType(), MediaType.OCTET_STREAM);
        worker.submit(ctx, req, writer, body -> {
            final ObjectNode head = keep(Tenants.of(ctx), parts(type, body));
            final HttpData data = HttpData.wrap(Replies.bytes(head));
            var _ = writer.tryWrite(ResponseHeaders.builder(HttpStatus.OK)
                    .contentType(MediaType.JSON_UTF_8)
                    .contentLength(data.length())
                    .build());
            var _ = writer.tryWrite(data);
            writer.close();
        });
        return writer;
    }

    private static AggregatedMultipart parts(final MediaType type, final byte[] body) {
        final List<String> boundary = type.parameters().get("boundary");
        try {
            if (boundary == null || boundary.isEmpty()) {
                throw new IllegalArgumentException("no boundary");
            }
            return Multipart.from(boundary.getFirst(), StreamMessage.of(HttpData.wrap(body)))
                    .aggregate()
                    .join();
        } catch (final RuntimeException e) {
            throw ApiException.of(
                    400,
                    "invalid_multipart",
                    "The body is no multipart/form-data with the boundary that its type has.");
        }
    }

    private ObjectNode keep(final String tenant, final AggregatedMultipart parts) {
        final AggregatedBodyPart file = parts.field("file");
        final AggregatedBodyPart purpose = parts.field("purpose");
        if (file == null) {
            throw ApiException.invalid("file", "file is needed: a part of the form with the file.");
        }
        if (purpose == null || !purpose.contentUtf8().equals(FileHead.BATCH)) {
            throw ApiException.invalid("purpose", "purpose must be batch; files are of no other use here.");
        }
        final byte[] content = file.content().array();
        final List<byte[]> lines = lines(content);
        if (lines.size() > mostLines) {
            throw ApiException.invalid(
                    "file",
                    "file has " + lines.size() + " lines; the limit is " + mostLines
                            + " (cheshire.router.http.store.batch-lines). Send several files.");
        }
        final String name = Objects.requireNonNullElse(file.filename(), "file.jsonl");
        final String id = "file-" + RequestIds.fresh();
        final long now = System.currentTimeMillis() / 1000;
        final ObjectNode head = FileHead.of(id, shortened(name), FileHead.BATCH, content.length, now, false);
        try {
            things.putFile(tenant, id, Replies.bytes(head), lines);
        } catch (final FullException full) {
            throw full(full);
        }
        return head;
    }

    static ApiException full(final FullException full) {
        return new ApiException(ApiError.busy("store_full", String.valueOf(full.getMessage()), 1));
    }

    private String shortened(final String name) {
        final int most = limits.api().identifierChars();
        return name.length() <= most ? name : name.substring(0, most);
    }

    /** Each with its end. */
    private static List<byte[]> lines(final byte[] content) {
        final List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n' || i == content.length - 1) {
                lines.add(Arrays.copyOfRange(content, from, i + 1));
                from = i + 1;
            }
        }
        return lines;
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
                for (final byte[] part : things.parts(id)) {
                    out.write(part);
                }
                out.send();
                writer.close();
            } catch (final IOException readerIsGoneOrTooSlow) {
                writer.abort(AbortedStreamException.get());
            }
        });
        return writer;
    }

    private HttpResponse delete(final ServiceRequestContext ctx, final HttpRequest req) {
        final String id = Endpoints.below(ctx, BELOW);
        if (head(Tenants.of(ctx), id) == null || !things.delete(Kind.FILE, Tenants.of(ctx), id)) {
            throw notThere();
        }
        return Replies.deleted(id, "file");
    }

    private static ApiException notThere() {
        return ApiException.of(404, "file_not_found", "There is no such file: it was deleted, or never was.");
    }
}
