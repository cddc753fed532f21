package io.cheshire.http.protocol;

/** What becomes of a field that nobody knows, neither this server nor the others whose fields it knows. */
public enum UnknownFields {
    /** 400 by name: a misspelt field must not be answered as if it weren't there. */
    REFUSE,
    /** Accepted, and named in the header of ignored fields. */
    IGNORE
}
