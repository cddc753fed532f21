package io.cheshire.http.runtime.console;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The console's files: a fixed list, read once. A request's path is looked up in it and goes nowhere else. Every answer
 * says what its page may load and who may show it: nothing but the server's own files, and nobody. Immutable.
 */
public final class ConsoleFiles {
    /** No script, style or connection but the server's own; in nobody's frame. */
    static final String POLICY =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';" + " frame-ancestors 'none'";

    private static final String OWN = "/io/cheshire/http/console/";
    private static final String NPM = "/META-INF/resources/webjars/";
    private static final String MVNPM = "/META-INF/resources/_static/";
    private static final MediaType SCRIPT = MediaType.parse("text/javascript; charset=utf-8");
    private static final MediaType SVG = MediaType.parse("image/svg+xml; charset=utf-8");

    /** A script's own files, in the order of their pages. */
    private static final List<String> MODULES = List.of(
            "app",
            "base",
            "charts",
            "format",
            "live",
            "overview",
            "experts",
            "nodes",
            "placement",
            "dataplane",
            "requests",
            "planner",
            "planform",
            "plantrace",
            "simulated",
            "plancharts",
            "plantables",
            "planactual",
            "chaos",
            "chaosapi",
            "chaosform",
            "runchart",
            "yaml",
            "chat",
            "config");

    /** One file as it is served. */
    private record Content(MediaType type, HttpData data, String tag) {}

    private final Map<String, Content> byName = new LinkedHashMap<>();

    /**
     * Reads all of them.
     *
     * @throws IllegalStateException one isn't there: the program was not built right
     */
    public ConsoleFiles() {
        add("", MediaType.HTML_UTF_8, OWN + "index.html");
        add("style.css", MediaType.CSS_UTF_8, OWN + "style.css");
        add("plan.css", MediaType.CSS_UTF_8, OWN + "plan.css");
        add("icon.svg", SVG, OWN + "icon.svg");
        MODULES.forEach(module -> add(module + ".js", SCRIPT, OWN + module + ".js"));
        add("lib/htm-preact.js", SCRIPT, MVNPM + "htm/3.1.1/preact/standalone.module.js");
        add("lib/uplot.js", SCRIPT, NPM + "uplot/1.6.30/dist/uPlot.esm.js");
        add("lib/uplot.css", MediaType.CSS_UTF_8, NPM + "uplot/1.6.30/dist/uPlot.min.css");
    }

    private void add(final String name, final MediaType type, final String resource) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the console's file " + resource + " is in no jar; build the program again with all libraries");
            }
            final byte[] bytes = in.readAllBytes();
            byName.put(name, new Content(type, HttpData.wrap(bytes), tagOf(bytes)));
        } catch (final IOException unreadable) {
            throw new IllegalStateException("the console's file " + resource + " can't be read", unreadable);
        }
    }

    private static String tagOf(final byte[] bytes) {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The file of this name, or null if there is none; 304 where the client has it already. */
    public @Nullable HttpResponse serve(final String name, final RequestHeaders request) {
        final Content content = byName.get(name);
        if (content == null) {
            return null;
        }
        final ResponseHeadersBuilder headers = ResponseHeaders.builder()
                .set(HttpHeaderNames.ETAG, content.tag())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY")
                .set(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
                .set("cross-origin-opener-policy", "same-origin")
                .set("cross-origin-resource-policy", "same-origin");
        if (content.tag().equals(request.get(HttpHeaderNames.IF_NONE_MATCH))) {
            return HttpResponse.of(headers.status(HttpStatus.NOT_MODIFIED).build());
        }
        headers.status(HttpStatus.OK).contentType(content.type());
        return HttpResponse.of(headers.build(), content.data());
    }
}
