package io.cheshire.http.runtime;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AttributeKey;

/** Whose key a request came with; everybody shares one scope where there are no keys. */
final class Tenants {
    static final String EVERYBODY = "public";

    private static final AttributeKey<String> TENANT = AttributeKey.valueOf(Tenants.class, "TENANT");

    private Tenants() {}

    static void set(final ServiceRequestContext ctx, final String tenant) {
        ctx.setAttr(TENANT, tenant);
    }

    static String of(final ServiceRequestContext ctx) {
        final String tenant = ctx.attr(TENANT);
        return tenant == null ? EVERYBODY : tenant;
    }
}
