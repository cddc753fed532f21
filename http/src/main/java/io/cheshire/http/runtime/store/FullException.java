package io.cheshire.http.runtime.store;

/** There is no room for a thing; the message says why, and what helps. */
public final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FullException(final String what, final String setting) {
        super(what + "; delete some, or raise " + StoreConfig.SECTION + "." + setting + ".");
    }
}
