package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.EndpointHints;
import io.cheshire.http.protocol.TrustedHosts;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one way into a listener, in this order: request id, room, host, origin, {@code OPTIONS}, path and method, then
 * what {@link RequestGuard} asks for. Whatever is refused here costs neither a body nor a log line. Thread-safe.
 */
final class FrontService implements HttpService {
    private static final String MAX_AGE_SECONDS = "600";
    private static final int MAX_SHOWN_CHARS = 100;
    /** Counts all paths that there aren't. */
    private static final String NO_ROUTE = "other";

    private final boolean isApi;
    private final Endpoints endpoints;
    private final RequestGuard guard;
    private final TrustedHosts hosts;
    private final Cors cors;
    private final InFlight inFlight;
    private final EdgeMetrics metrics;

    /** @param isApi the API's listener, which alone may be used by other origins' pages */
    FrontService(
            final boolean isApi,
            final Endpoints endpoints,
            final RequestGuard guard,
            final TrustedHosts hosts,
            final Cors cors,
            final InFlight inFlight,
            final EdgeMetrics metrics) {
        this.isApi = isApi;
        this.endpoints = endpoints;
        this.guard = guard;
        this.hosts = hosts;
        this.cors = cors;
        this.inFlight = inFlight;
        this.metrics = metrics;
    }

    @Override
    public HttpResponse serve(final ServiceRequestContext ctx, final HttpRequest req) throws Exception {
        ctx.mutateAdditionalResponseHeaders(headers -> headers.set(RequestIds.HEADER, RequestIds.of(ctx)));
        final String origin = req.headers().get(HttpHeaderNames.ORIGIN);
        final String allowed = origin == null ? null : cors.allowed(origin);
        if (cors.isOn()) {
            ctx.mutateAdditionalResponseHeaders(headers -> {
                headers.set(HttpHeaderNames.VARY, "origin");
                if (allowed != null) {
                    headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
                    headers.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, "*");
                }
            });
        }
        final Map<HttpMethod, Endpoints.Endpoint> methods = endpoints.at(ctx.path());
        count(ctx, methods == null ? NO_ROUTE : Endpoints.route(methods));
        if (!inFlight.begin(ctx)) {
            return refuse(ctx, req, BodyIntake.noRoom());
        }
        final ApiError stranger = checkNames(req, origin, allowed);
        if (stranger != null) {
            return refuse(ctx, req, stranger);
        }
        if (methods == null) {
            return refuse(ctx, req, EndpointHints.notFound(ctx.path(), endpoints.paths(), isApi));
        }
        if (req.method() == HttpMethod.OPTIONS) {
            return options(ctx, req, methods, origin, allowed);
        }
        final Endpoints.Endpoint endpoint =
                methods.get(req.method() == HttpMethod.HEAD ? HttpMethod.GET : req.method());
        if (endpoint == null) {
            return notAllowed(ctx, req, Endpoints.allow(methods.keySet()));
        }
        return guarded(ctx, req, endpoint);
    }

    private void count(final ServiceRequestContext ctx, final String route) {
        var _ = ctx.log()
                .whenComplete()
                .thenAccept(log -> metrics.answered(route, log.responseStatus().code()));
    }

    private HttpResponse guarded(
            final ServiceRequestContext ctx, final HttpRequest req, final Endpoints.Endpoint endpoint)
            throws Exception {
        if (endpoint.kind() != Endpoints.Kind.OPEN) {
            final ApiError error = guard.check(ctx, req);
            if (error != null) {
                return refuse(ctx, req, error);
            }
        }
        final HttpResponse response = endpoint.service().serve(ctx, req);
        return endpoint.kind() == Endpoints.Kind.GENERATION ? response : charged(ctx, response);
    }

    /** A reply that nobody takes holds its bytes, and those who come next must know. */
    private static HttpResponse charged(final ServiceRequestContext ctx, final HttpResponse response) {
        return response.mapHeaders(headers -> {
            InFlight.chargeOf(ctx).reply(Math.max(0, headers.contentLength()));
            return headers;
        });
    }

    private @Nullable ApiError checkNames(
            final HttpRequest req, final @Nullable String origin, final @Nullable String allowed) {
        final String authority = Objects.requireNonNullElse(req.authority(), "");
        if (!hosts.allows(authority)) {
            return ApiError.of(
                    421,
                    "host_not_allowed",
                    "This server doesn't answer as " + shown(TrustedHosts.hostOf(authority))
                            + "; ask it as localhost, or add the name to "
                            + (isApi ? ApiConfig.SECTION : OpsConfig.SECTION) + ".allowed-hosts.");
        }
        final boolean changes = switch (req.method()) {
            case GET, HEAD, OPTIONS, TRACE, CONNECT, UNKNOWN -> false;
            case POST, PUT, PATCH, DELETE -> true;
        };
        if (changes && origin != null && allowed == null && !hosts.isOwn(origin, authority)) {
            return originRefused(origin);
        }
        return null;
    }

    private ApiError originRefused(final String origin) {
        return isApi
                ? ApiError.of(
                        403,
                        cors.isOn() ? "origin_not_allowed" : "cors_off",
                        (cors.isOn() ? "Pages of " + shown(origin) + " may not use this server" : "CORS is off")
                                + "; set " + Cors.SETTING + " to the origins whose pages may use it.")
                : ApiError.of(
                        403,
                        "origin_not_allowed",
                        "Pages of " + shown(origin)
                                + " may not use the operations listener; there is no setting for it.");
    }

    private HttpResponse options(
            final ServiceRequestContext ctx,
            final HttpRequest req,
            final Map<HttpMethod, Endpoints.Endpoint> methods,
            final @Nullable String origin,
            final @Nullable String allowed) {
        final String allow = Endpoints.allow(methods.keySet());
        final boolean isPreflight =
                origin != null && req.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (origin != null && isPreflight && allowed == null) {
            return refuse(ctx, req, originRefused(origin));
        }
        final ResponseHeadersBuilder headers =
                ResponseHeaders.builder(HttpStatus.NO_CONTENT).set(HttpHeaderNames.ALLOW, allow);
        if (isPreflight) {
            headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, allow);
            headers.set(
                    HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
                    Cors.headersFor(req.headers().get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS)));
            headers.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
            if (req.headers().contains("access-control-request-private-network")) {
                headers.set("access-control-allow-private-network", "true");
            }
        }
        return HttpResponse.of(headers.build());
    }

    private HttpResponse notAllowed(final ServiceRequestContext ctx, final HttpRequest req, final String allow) {
        ctx.mutateAdditionalResponseHeaders(headers -> headers.set(HttpHeaderNames.ALLOW, allow));
        return refuse(
                ctx,
                req,
                ApiError.of(
                        405,
                        "method_not_allowed",
                        "This endpoint does not have the method " + req.method() + "; it has " + allow + "."));
    }

    private HttpResponse refuse(final ServiceRequestContext ctx, final HttpRequest req, final ApiError error) {
        metrics.rejected(error.code());
        endEarly(ctx, req);
        return Replies.error(error);
    }

    /**
     * The rest of the body is of no use. Over HTTP/1 there is no other way not to read it than to close; over HTTP/2
     * the stream is reset once the answer is out, and the others of its connection, which may be other people's, go on.
     */
    static void endEarly(final ServiceRequestContext ctx, final HttpRequest req) {
        if (req.isOpen() && !ctx.sessionProtocol().isMultiplex()) {
            var _ = ctx.initiateConnectionShutdown();
        }
    }

    private static String shown(final String name) {
        final String graphic = name.replaceAll("[^!-~]", "?");
        return graphic.length() <= MAX_SHOWN_CHARS ? graphic : graphic.substring(0, MAX_SHOWN_CHARS) + "…";
    }
}
