package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Numbers that keywords have, as far as they are served. */
final class SchemaNumbers {
    private static final int MAX_COUNT = 1_000_000;
    private static final double LARGEST = 1e30;
    private static final int MAX_SCALE = 30;

    private SchemaNumbers() {}

    /** Of characters, elements or members. */
    static int count(final JsonNode value, final String name, final String place) {
        final double number = value.doubleValue();
        if (!value.isNumber() || number < 0 || number != Math.rint(number) || number > MAX_COUNT) {
            throw new GrammarException(place, "must have a whole number from 0 to " + MAX_COUNT + " in " + name);
        }
        return (int) number;
    }

    /** A bound of a number. */
    static BigDecimal decimal(final JsonNode value, final String name, final String place) {
        final boolean isServed = value.isNumber()
                && Math.abs(value.doubleValue()) <= LARGEST
                && value.decimalValue().scale() <= MAX_SCALE;
        if (!isServed) {
            throw new GrammarException(place, "must have a number in " + name + ", of at most 30 digits");
        }
        return value.decimalValue();
    }
}
