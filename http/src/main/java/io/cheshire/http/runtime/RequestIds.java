package io.cheshire.http.runtime;

import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.RequestId;

/** Request ids are the server's own; a client's is never echoed. */
final class RequestIds {
    /** Which every response has. */
    static final String HEADER = "x-request-id";

    private RequestIds() {}

    /** For what is answered before it is a request. */
    static String fresh() {
        return RequestId.random().text();
    }

    static String of(final RequestContext ctx) {
        return ctx.id().text();
    }
}
