package io.cheshire.http.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.cheshire.http.core.ResponseJson;
import io.cheshire.http.protocol.ApiError;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Trees as HTTP responses. */
final class Replies {
    static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                    .build())
            .build();

    private Replies() {}

    static byte[] bytes(final JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree is always writable", e);
        }
    }

    /** What {@link #bytes} made. */
    static JsonNode tree(final byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (final IOException e) {
            throw new UncheckedIOException("what was kept can't be read", e);
        }
    }

    static HttpResponse json(final int status, final JsonNode node) {
        return HttpResponse.of(headers(status).build(), HttpData.wrap(bytes(node)));
    }

    /** The same where the response is there already; one that nobody waits for any more is dropped. */
    static void send(final HttpResponseWriter writer, final JsonNode node) {
        final HttpData bytes = HttpData.wrap(bytes(node));
        var _ = writer.tryWrite(headers(200).contentLength(bytes.length()).build());
        var _ = writer.tryWrite(bytes);
        writer.close();
    }

    /** The thing is gone; {@code object} is what kind of thing it was. */
    static HttpResponse deleted(final String id, final String object) {
        return json(
                200,
                MAPPER.createObjectNode().put("id", id).put("object", object).put("deleted", true));
    }

    static HttpResponse error(final ApiError error) {
        return HttpResponse.of(errorHeaders(error), HttpData.wrap(bytes(ResponseJson.error(error))));
    }

    static AggregatedHttpResponse aggregatedError(final ApiError error) {
        return AggregatedHttpResponse.of(errorHeaders(error), HttpData.wrap(bytes(ResponseJson.error(error))));
    }

    static ResponseHeaders errorHeaders(final ApiError error) {
        final ResponseHeadersBuilder headers = headers(error.status());
        if (error.retryAfterSeconds() > 0) {
            headers.setInt(HttpHeaderNames.RETRY_AFTER, error.retryAfterSeconds());
        }
        if (error.status() == 401) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        return headers.build();
    }

    private static ResponseHeadersBuilder headers(final int status) {
        return ResponseHeaders.builder(HttpStatus.valueOf(status)).contentType(MediaType.JSON_UTF_8);
    }
}
