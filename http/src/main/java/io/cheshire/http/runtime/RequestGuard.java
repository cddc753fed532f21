package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every request of a guarded endpoint before its body is looked at: key, drain, content type and coding.
 * No request is ever decompressed. Thread-safe.
 */
final class RequestGuard {
    private final ApiKeys keys;
    private final BooleanSupplier draining;
    private final Body body;

    /** What a body may be. */
    enum Body {
        JSON,
        FORM,
        /** None is needed; one that comes is JSON. */
        NONE
    }

    /** Bodies are JSON. */
    RequestGuard(final ApiKeys keys, final BooleanSupplier draining) {
        this(keys, draining, Body.JSON);
    }

    private RequestGuard(final ApiKeys keys, final BooleanSupplier draining, final Body body) {
        this.keys = keys;
        this.draining = draining;
        this.body = body;
    }

    /** The same for another kind of body. */
    RequestGuard with(final Body other) {
        return new RequestGuard(keys, draining, other);
    }

    /** Why the request is refused, or null; its tenant is then known. */
    @Nullable
    ApiError check(final ServiceRequestContext ctx, final HttpRequest req) {
        if (!keys.isEmpty()) {
            final String tenant = keys.tenantOf(req.headers().get(HttpHeaderNames.AUTHORIZATION));
            if (tenant == null) {
                return ApiError.of(401, "invalid_api_key", "Send a valid key as \"Authorization: Bearer KEY\".");
            }
            Tenants.set(ctx, tenant);
        }
        if (req.method() != HttpMethod.POST) {
            return null;
        }
        if (draining.getAsBoolean()) {
            return ApiError.of(503, "draining", "The server is stopping and takes no new requests.");
        }
        final String coding = req.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            return ApiError.of(415, "unsupported_coding", "Content-Encoding is not supported; send the body plain.");
        }
        return wrongType(req.headers().contentType());
    }

    private @Nullable ApiError wrongType(final @Nullable MediaType type) {
        final boolean isJson = type != null && type.is(MediaType.create("application", "json"));
        final boolean isRight = switch (body) {
            case JSON -> isJson;
            case FORM -> type != null && type.is(MediaType.create("multipart", "form-data"));
            case NONE -> isJson || type == null;
        };
        return isRight
                ? null
                : ApiError.of(
                        415,
                        "unsupported_media_type",
                        body == Body.FORM
                                ? "Send the file as a form, with Content-Type: multipart/form-data."
                                : "Send the body as JSON with Content-Type: application/json.");
    }
}
