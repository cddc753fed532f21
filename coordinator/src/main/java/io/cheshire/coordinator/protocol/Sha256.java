package io.cheshire.coordinator.protocol;

/** How a SHA-256 travels: 64 digits. */
final class Sha256 {
    private static final int DIGITS = 64;

    private Sha256() {}

    /**
     * Returns the text.
     *
     * @throws IllegalArgumentException if it isn't 64 digits of lower-case hexadecimal
     */
    static String checked(final String what, final String text) {
        boolean right = text.length() == DIGITS;
        for (int i = 0; right && i < DIGITS; i++) {
            final char digit = text.charAt(i);
            right = (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
        }
        if (!right) {
            throw new IllegalArgumentException(what + " must be a SHA-256 of " + DIGITS
                    + " lower-case hexadecimal digits, not " + text.length() + " characters that are none");
        }
        return text;
    }
}
