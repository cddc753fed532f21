package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads operators' requests strictly: small bodies, known fields only, every number in its range. Thread-safe. */
public final class AdminRequestParser {
    /** Longest body in bytes; what may be said fits many times. */
    public static final int MAX_BODY_BYTES = 4096;

    private static final int REASON_CHARS = 200;
    private static final int MAX_ID = 1_000_000;

    private final RequestJson json;

    /** @param limits of JSON in general */
    public AdminRequestParser(final HttpLimits.Json limits) {
        this.json = new RequestJson(limits);
    }

    /** Reads a request. */
    @FunctionalInterface
    public interface Kind {
        /** @throws ApiException 400 or 413 saying what is wrong */
        OperatorRequest parse(byte[] body);
    }

    /** {@code {"layer":0,"expert":3,"from":1,"to":2}}. */
    public OperatorRequest move(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(
                fields,
                new OperatorRequest.Move(
                        new ExpertKey(id(fields, "layer"), id(fields, "expert")),
                        id(fields, "from"),
                        id(fields, "to"),
                        reason(fields)));
    }

    /** {@code {"replicas":2}}. */
    public OperatorRequest replicas(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new OperatorRequest.Replicas(id(fields, "replicas"), reason(fields)));
    }

    /** {@code {}}, or {@code {"dry_run":true}} to be told what it would do. */
    public OperatorRequest rebalance(final byte[] body) {
        final FieldReader fields = fields(body);
        final String reason = reason(fields);
        return finish(
                fields,
                fields.bool("dry_run", false)
                        ? new OperatorRequest.RebalanceTrial(reason)
                        : new OperatorRequest.RebalanceNow(reason));
    }

    /** {@code {"node":3}}, or {@code {"node":3,"for_ms":60000}} for a drain that ends by itself. */
    public OperatorRequest drain(final byte[] body) {
        final FieldReader fields = fields(body);
        final int node = id(fields, "node");
        final Integer forMs = fields.integerOrNull("for_ms", 1, (int) OperatorRequest.MOST_DRAIN_MS);
        return finish(
                fields,
                forMs == null
                        ? new OperatorRequest.Drain(node, reason(fields))
                        : new OperatorRequest.DrainFor(node, forMs, reason(fields)));
    }

    /** {@code {"node":3}}. */
    public OperatorRequest undrain(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new OperatorRequest.Undrain(id(fields, "node"), reason(fields)));
    }

    /** {@code {"node":3}}. */
    public OperatorRequest down(final byte[] body) {
        final FieldReader fields = fields(body);
        return finish(fields, new OperatorRequest.Down(id(fields, "node"), reason(fields)));
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

    private static OperatorRequest finish(final FieldReader fields, final OperatorRequest request) {
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
