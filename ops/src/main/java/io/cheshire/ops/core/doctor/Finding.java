package io.cheshire.ops.core.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What is said of one thing of a host.
 *
 * @param check    the thing, in a few words that stay the same: machines go by it
 * @param severity how it is
 * @param found    what was found, with its figures
 * @param remedy   what to do; null where nothing is to be done
 */
public record Finding(
        String check,
        Severity severity,
        String found,
        @Nullable String remedy) {
    /** From good to bad. */
    public enum Severity {
        OK,
        WARN,
        FAIL
    }

    static Finding ok(final String check, final String found) {
        return new Finding(check, Severity.OK, found, null);
    }

    static Finding warn(final String check, final String found, final String remedy) {
        return new Finding(check, Severity.WARN, found, remedy);
    }

    static Finding fail(final String check, final String found, final String remedy) {
        return new Finding(check, Severity.FAIL, found, remedy);
    }

    /** For what this system doesn't tell: no reason to worry, and none to be sure. */
    static Finding unknown(final String check) {
        return ok(check, "not to be read here");
    }
}
