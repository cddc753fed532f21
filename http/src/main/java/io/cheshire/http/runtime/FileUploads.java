package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.multipart.BodyPart;
import com.linecorp.armeria.common.multipart.MimeParsingException;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.runtime.store.FileUpload;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes files as they come, line by line into the store, each on a thread of its own that waits for its client: what
 * is held of one is charged to the budget of bodies, which bounds how many there are. Thread-safe.
 */
final class FileUploads {
    private static final Logger LOG = LoggerFactory.getLogger(FileUploads.class);
    private static final int PURPOSE_BYTES = 64;

    private final KeptThings things;
    private final ApiMetrics metrics;
    private final HttpLimits limits;
    private final int mostLines;

    FileUploads(final KeptThings things, final ApiMetrics metrics, final HttpLimits limits, final int mostLines) {
        this.things = things;
        this.metrics = metrics;
        this.limits = limits;
        this.mostLines = mostLines;
    }

    /** What a form said beside its lines. */
    private static final class Form {
        private @Nullable String fileName;
        private @Nullable String purpose;
    }

    HttpResponse take(final ServiceRequestContext ctx, final HttpRequest req) {
        final List<String> boundary = Objects.requireNonNullElse(req.headers().contentType(), MediaType.OCTET_STREAM)
                .parameters()
                .get("boundary");
        if (boundary == null || boundary.isEmpty() || boundary.getFirst().isEmpty()) {
            FrontService.endEarly(ctx, req);
            throw noForm();
        }
        final BodyBudget.Charge charge = InFlight.chargeOf(ctx);
        charge.owner(Tenants.of(ctx));
        if (!charge.grow(FileLines.heldBytes(limits.json().documentBytes()))) {
            FrontService.endEarly(ctx, req);
            throw new ApiException(BodyIntake.noRoom());
        }
        final HttpResponseWriter writer = HttpResponse.streaming();
        final FormParts parts = FormParts.of(req, boundary.getFirst(), ctx.eventLoop());
        final ApiException late = ApiException.of(408, "body_timeout", "The file did not arrive in time.");
        InFlight.onEvicted(ctx, () -> parts.end(new ApiException(BodyIntake.noRoom())));
        final ScheduledFuture<?> timeout =
                ctx.eventLoop().schedule(() -> parts.end(late), timeoutMs(req), TimeUnit.MILLISECONDS);
        Thread.ofVirtual().name("upload-" + RequestIds.of(ctx)).start(() -> {
            run(ctx, req, parts, writer);
            timeout.cancel(false);
            InFlight.onEvicted(ctx, ctx::cancel);
            charge.shrink();
        });
        return writer;
    }

    /** As much for each body's size as a request has for one. */
    private long timeoutMs(final HttpRequest req) {
        final long announced = req.headers().contentLength();
        final long bytes = announced < 0 ? limits.totals().uploadBytes() : announced;
        return limits.timeouts().bodyMs() * (1 + bytes / limits.json().documentBytes());
    }

    private void run(
            final ServiceRequestContext ctx,
            final HttpRequest req,
            final FormParts parts,
            final HttpResponseWriter writer) {
        try {
            Replies.send(writer, keep(Tenants.of(ctx), parts));
        } catch (final InterruptedException ending) {
            writer.abort(AbortedStreamException.get());
        } catch (final Throwable failure) {
            fail(ctx, req, writer, failure);
        }
    }

    private void fail(
            final ServiceRequestContext ctx,
            final HttpRequest req,
            final HttpResponseWriter writer,
            final Throwable failure) {
        final ApiError error = errorOf(ctx, failure);
        if (error == null) {
            writer.abort(AbortedStreamException.get());
            return;
        }
        metrics.rejected(error.code());
        ctx.eventLoop().execute(() -> FrontService.endEarly(ctx, req));
        new ResponseSink(writer, RequestIds.of(ctx), limits.timeouts().bodyMs()).fail(error);
    }

    /** What a client is told; null: there is nobody any more. */
    private static @Nullable ApiError errorOf(final ServiceRequestContext ctx, final Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (Exceptions.peel(cause)) {
                case final ApiException refused -> {
                    return refused.error();
                }
                case final FullException full -> {
                    return FileEndpoints.full(full).error();
                }
                case final MimeParsingException noForm -> {
                    return noForm().error();
                }
                default -> {}
            }
        }
        if (failure instanceof IOException || ctx.isCancelled()) {
            return null;
        }
        LOG.error("request {} failed", RequestIds.of(ctx), failure);
        return ErrorHandler.failed(RequestIds.of(ctx));
    }

    private static ApiException noForm() {
        return ApiException.of(
                400, "invalid_multipart", "The body is no multipart/form-data with the boundary that its type has.");
    }

    private ObjectNode keep(final String tenant, final FormParts parts) throws IOException, InterruptedException {
        final String id = "file-" + RequestIds.fresh();
        final Form form = new Form();
        try (FileUpload upload = things.upload(tenant, id)) {
            for (BodyPart part = parts.next(); part != null; part = parts.next()) {
                try (InputStream content = part.content().toInputStream(Function.identity())) {
                    read(part, content, upload, form);
                    content.transferTo(OutputStream.nullOutputStream());
                }
                parts.more();
            }
            return finish(id, upload, form);
        }
    }

    private void read(final BodyPart part, final InputStream content, final FileUpload upload, final Form form)
            throws IOException {
        switch (String.valueOf(part.name())) {
            case "file" -> {
                if (form.fileName != null) {
                    throw ApiException.invalid("file", "file came twice; send one file.");
                }
                form.fileName = shortened(Objects.requireNonNullElse(part.filename(), "file.jsonl"));
                new FileLines(upload, mostLines, limits.json().documentBytes()).readAll(content);
            }
            case "purpose" -> form.purpose = new String(content.readNBytes(PURPOSE_BYTES), StandardCharsets.UTF_8);
            default ->
                throw new ApiException(ApiError.invalid(
                        part.name(),
                        "unsupported_parameter",
                        "The form has a part that is neither file nor purpose; leave it out. Files are kept as long as"
                                + " cheshire.router.http.store.kept says."));
        }
    }

    private static ObjectNode finish(final String id, final FileUpload upload, final Form form) {
        final String name = form.fileName;
        if (name == null) {
            throw ApiException.invalid("file", "file is needed: a part of the form with the file.");
        }
        if (!FileHead.BATCH.equals(form.purpose)) {
            throw ApiException.invalid("purpose", "purpose must be batch; files are of no other use here.");
        }
        final long now = System.currentTimeMillis() / 1000;
        final ObjectNode head = FileHead.of(id, name, FileHead.BATCH, upload.bytes(), now, false);
        upload.finish(Replies.bytes(head));
        return head;
    }

    private String shortened(final String name) {
        final int most = limits.api().identifierChars();
        return name.length() <= most ? name : name.substring(0, most);
    }
}
