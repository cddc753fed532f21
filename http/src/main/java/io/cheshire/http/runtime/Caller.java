package io.cheshire.http.runtime;

import com.linecorp.armeria.server.ServiceRequestContext;

/**
 * Who wants an answer.
 *
 * @param requestId made into the answer's id
 * @param tenant    whose key it came with
 * @param yields    waits for those who don't
 */
record Caller(String requestId, String tenant, boolean yields) {
    static Caller of(final ServiceRequestContext ctx) {
        return new Caller(RequestIds.of(ctx), Tenants.of(ctx), false);
    }
}
