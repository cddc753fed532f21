package io.cheshire.model.core.jinja;

/** Something a template can call. */
interface Callable {
    Object call(CallArgs args);

    /** Whether {@code x is callable}, truth and identity are all that can be told of it; else how it prints. */
    default String printed() {
        throw TemplateFault.unsupported("printing a function");
    }
}
