package io.cheshire.model.runtime.text;

/** One request's text cannot be turned into tokens. Harms that request only. */
public final class TextException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who is to blame, which decides the HTTP status. */
    public enum Kind {
        /** The request is wrong, or the template refused it with {@code raise_exception}: 400. */
        INVALID,
        /** The text is longer than the byte cap: 413. */
        TOO_LARGE,
        /** The text can't but have more tokens than the model's context: 400. */
        TOO_MANY_TOKENS,
        /** The model's chat template failed, went over a limit or cannot be trusted with this text: 400. */
        TEMPLATE,
        /** Rendering took longer than the deadline: 503. */
        DEADLINE,
        /** All renderers are busy and their queue is full: 503. */
        BUSY
    }

    private final Kind kind;

    public TextException(final Kind kind, final String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
