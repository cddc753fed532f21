package io.cheshire.model.core.jinja;

/** Why a template cannot be parsed or rendered. */
public final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who is to blame. */
    public enum Kind {
        /** Jinja2 would not parse it either. */
        SYNTAX,
        /** Jinja2 has it, or may have it; this engine does not. */
        UNSUPPORTED,
        /** Jinja2 raises an error here, too: a wrong type, an undefined value, a missing attribute. */
        FAILED,
        /** The template called {@code raise_exception}; the message is its own. */
        RAISED,
        /** Output, memory or depth beyond the limits. */
        LIMIT,
        /** The caller no longer waits. */
        CANCELLED
    }

    private final Kind kind;

    TemplateFault(final Kind kind, final String message) {
        super(message);
        this.kind = kind;
    }

    /** The kind of fault. */
    public Kind kind() {
        return kind;
    }

    static TemplateFault failed(final String message) {
        return new TemplateFault(Kind.FAILED, message);
    }

    static TemplateFault unsupported(final String message) {
        return new TemplateFault(Kind.UNSUPPORTED, message);
    }

    static TemplateFault syntax(final int line, final String message) {
        return new TemplateFault(Kind.SYNTAX, "line " + line + ": " + message);
    }
}
