package io.cheshire.coordinator.protocol;

/**
 * The text by which a node names what fails as one with it: its rack, its zone or its machine. Nodes of the same text
 * are in one failure domain; a node that names none is a domain of its own.
 */
public final class FailureDomain {
    /** Of a node that names none. */
    public static final String NONE = "";

    /** Names of Kubernetes' machines fit. */
    public static final int MAX_LENGTH = 253;

    /** What {@link #isValid} asks for, in words that follow "must be". */
    public static final String MUST_BE = "empty, or up to " + MAX_LENGTH + " of the characters A-Z a-z 0-9 . _ - : /";

    private FailureDomain() {}

    /** Whether a node may name its domain so. */
    public static boolean isValid(final String text) {
        return text.length() <= MAX_LENGTH && text.chars().allMatch(FailureDomain::isValid);
    }

    private static boolean isValid(final int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || "._-:/".indexOf(character) >= 0;
    }

    /**
     * Returns the text.
     *
     * @throws IllegalArgumentException if no node may name its domain so; the message doesn't repeat it
     */
    static String checked(final String text) {
        if (!isValid(text)) {
            throw new IllegalArgumentException(
                    "a failure domain must be " + MUST_BE + ", not " + text.length() + " characters that aren't");
        }
        return text;
    }
}
