package io.cheshire.ops.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this program was built from.
 *
 * @param version of the project
 * @param commit  of its repository, shortened
 */
public record BuildInfo(String version, String commit) {
    /** What a build that wasn't told says. */
    private static final String UNKNOWN = "unknown";

    private static final BuildInfo OWN = read();

    /** Of the program that runs. */
    public static BuildInfo own() {
        return OWN;
    }

    private static BuildInfo read() {
        final Properties written = new Properties();
        try (InputStream file = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (file != null) {
                written.load(file);
            }
        } catch (final IOException unreadable) {
            throw new UncheckedIOException("the program's own files can't be read", unreadable);
        }
        return new BuildInfo(known(written, "version"), known(written, "commit"));
    }

    private static String known(final Properties written, final String key) {
        final String value = written.getProperty(key, "");
        return value.isEmpty() || value.startsWith("${") ? UNKNOWN : value;
    }
}
