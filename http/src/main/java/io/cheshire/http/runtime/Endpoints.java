package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.cheshire.http.protocol.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one listener: which paths there are, which methods each has, who serves them. A table of our own
 * instead of the framework's routes, so that every request, of whatever path and method, comes through {@link
 * FrontService}. Built by one thread, then read by any.
 */
final class Endpoints {
    /**
     * What one method of a path does.
     *
     * @param route the path as it was defined
     * @param guard asks for other keys than the listener's; null: the listener's own
     */
    record Endpoint(
            String route,
            HttpService service,
            Kind kind,
            @Nullable RequestGuard guard) {
        Endpoint(final String route, final HttpService service, final Kind kind) {
            this(route, service, kind, null);
        }
    }

    /** What {@link FrontService} has to see to. */
    enum Kind {
        /** For everybody, at any time. */
        OPEN,
        /** With a key, if there are keys. */
        GUARDED,
        /** Guarded, and its replies are bounded elsewhere. */
        GENERATION
    }

    private static final String ANY_BELOW = "/*";

    private final Map<String, Map<HttpMethod, Endpoint>> byPath = new LinkedHashMap<>();

    /** A {@code GET} for everybody. */
    void open(final String path, final HttpService service) {
        add(HttpMethod.GET, path, new Endpoint(path, service, Kind.OPEN));
    }

    /**
     * A guarded {@code GET}. A path that ends in {@code /*} stands for whatever follows, slashes too ({@link #below}).
     */
    void get(final String path, final HttpService service) {
        add(HttpMethod.GET, path, new Endpoint(path, service, Kind.GUARDED));
    }

    /** A guarded {@code POST}. */
    void post(final String path, final HttpService service) {
        add(HttpMethod.POST, path, new Endpoint(path, service, Kind.GUARDED));
    }

    /** A guarded {@code GET} whose replies are bounded elsewhere. */
    void stream(final String path, final HttpService service) {
        add(HttpMethod.GET, path, new Endpoint(path, service, Kind.GENERATION));
    }

    /** A guarded {@code DELETE}. */
    void delete(final String path, final HttpService service) {
        add(HttpMethod.DELETE, path, new Endpoint(path, service, Kind.GUARDED));
    }

    /** A {@code GET} with keys of its own. */
    void get(final String path, final HttpService service, final RequestGuard guard) {
        add(HttpMethod.GET, path, new Endpoint(path, service, Kind.GUARDED, guard));
    }

    /** A {@code POST} with keys of its own. */
    void post(final String path, final HttpService service, final RequestGuard guard) {
        add(HttpMethod.POST, path, new Endpoint(path, service, Kind.GUARDED, guard));
    }

    /** A guarded {@code POST} that generates. */
    void generate(final String path, final HttpService service) {
        add(HttpMethod.POST, path, new Endpoint(path, service, Kind.GENERATION));
    }

    /** The same with keys of its own. */
    void generate(final String path, final HttpService service, final RequestGuard guard) {
        add(HttpMethod.POST, path, new Endpoint(path, service, Kind.GENERATION, guard));
    }

    private void add(final HttpMethod method, final String path, final Endpoint endpoint) {
        byPath.computeIfAbsent(path, _ -> new EnumMap<>(HttpMethod.class)).put(method, endpoint);
    }

    /** The methods of a path, which may end in one slash too many; null if there is no such path. */
    @Nullable
    Map<HttpMethod, Endpoint> at(final String path) {
        final String plain = withoutSlash(path);
        Map<HttpMethod, Endpoint> found = byPath.get(plain);
        for (int slash = plain.lastIndexOf('/');
                found == null && slash > 0;
                slash = plain.lastIndexOf('/', slash - 1)) {
            found = byPath.get(plain.substring(0, slash) + ANY_BELOW);
        }
        return found;
    }

    /**
     * What stands for the {@code *} of a path.
     *
     * @param above the path without it, with the slash before it
     */
    static String below(final ServiceRequestContext ctx, final String above) {
        final String path = withoutSlash(ctx.decodedPath());
        if (path.length() <= above.length()) {
            throw ApiException.of(404, "not_found", "The path ends too early.");
        }
        return path.substring(above.length());
    }

    /** The path of these methods as it was defined. */
    static String route(final Map<HttpMethod, Endpoint> methods) {
        return methods.values().iterator().next().route();
    }

    /** As {@code Allow} lists them. HEAD is GET without the body, OPTIONS is answered everywhere. */
    static String allow(final Collection<HttpMethod> methods) {
        final List<String> names = new ArrayList<>();
        for (final HttpMethod method : methods) {
            names.add(method.name());
            if (method == HttpMethod.GET) {
                names.add(HttpMethod.HEAD.name());
            }
        }
        names.add(HttpMethod.OPTIONS.name());
        return String.join(", ", names);
    }

    /** Every path. */
    Collection<String> paths() {
        return byPath.keySet();
    }

    /** For people: {@code GET /path}, a line each. */
    List<String> lines() {
        return byPath.entrySet().stream()
                .map(entry ->
                        entry.getValue().keySet().stream().map(HttpMethod::name).collect(Collectors.joining(", ")) + " "
                                + entry.getKey().replace(ANY_BELOW, "/NAME"))
                .toList();
    }

    private static String withoutSlash(final String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
