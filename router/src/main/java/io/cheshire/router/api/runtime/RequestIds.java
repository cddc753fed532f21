package io.cheshire.router.api.runtime;

import com.linecorp.armeria.common.RequestContext;

/** Request ids are the server's own; a client's is never echoed. */
final class RequestIds {
    private RequestIds() {}

    static String of(final RequestContext ctx) {
        return ctx.id().text();
    }
}
