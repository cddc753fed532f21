package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads operators' requests strictly: small bodies, known fields only, every number in its range. Thread-safe. */
public final class AdminRequestParser {
    /** Longest body in bytes; what may be said fits many times. */
    public static final int MAX_BODY_BYTES = 4096;

    private static final int REASON_CHARS = 200;
    private static final int MAX_ID = 1_000_000;

    private final StrictJson json;

    /** @param limits of JSON in general */
    public AdminRequestParser(final HttpLimits.Json limits) {
        this.json = new StrictJson(limits);
    }

    /** Reads a request. */
    @FunctionalInterface
    public interface Kind {
        /** @throws ApiException 400 or 413 saying what is wrong */
        AdminRequest parse(byte[] body);
    }

    /** {@code {"layer":0,"expert":3,"from":1,"to":2}}. */
    public AdminRequest move(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(
                fields,
                new AdminRequest.Move(
                        id(fields, "layer"),
                        id(fields, "expert"),
                        id(fields, "from"),
                        id(fields, "to"),
                        reason(fields)));
    }

    /** {@code {"replicas":2}}. */
    public AdminRequest replicas(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new AdminRequest.Replicas(id(fields, "replicas"), reason(fields)));
    }

    /** {@code {}}. */
    public AdminRequest rebalance(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new AdminRequest.Rebalance(reason(fields)));
    }

    /** {@code {"node":3}}. */
    public AdminRequest drain(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new AdminRequest.Drain(id(fields, "node"), reason(fields)));
    }

    /** {@code {"node":3}}. */
    public AdminRequest undrain(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new AdminRequest.Undrain(id(fields, "node"), reason(fields)));
    }

    /** {@code {"node":3}}. */
    public AdminRequest down(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new AdminRequest.Down(id(fields, "node"), reason(fields)));
    }

    private FieldReader fields(final byte[] body) {
        if (body.length > MAX_BODY_BYTES) {
            throw new ApiException(ApiError.of(
                    413,
                    "body_too_large",
                    "The request body has " + body.length + " bytes; the limit is " + MAX_BODY_BYTES + "."));
        }
        final ObjectNode object = json.parseObject(body);
        return new FieldReader(object, "");
    }

    private static AdminRequest finish(final FieldReader fields, final AdminRequest request) {
        fields.finish(Map.of());
        return request;
    }

    private static int id(final FieldReader fields, final String name) {
        final Integer value = fields.integerOrNull(name, 0, MAX_ID);
        if (value == null) {
            throw ApiException.invalid(name, name + " is missing; send an integer from 0 to " + MAX_ID + ".");
        }
        return value;
    }

    private static String reason(final FieldReader fields) {
        final @Nullable String reason = fields.text("reason", REASON_CHARS);
        return Objects.requireNonNullElse(reason, "");
    }
}
