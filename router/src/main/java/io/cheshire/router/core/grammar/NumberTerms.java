package io.cheshire.router.core.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers within bounds, and multiples, as automata of their digits. Such numbers are written without an exponent;
 * integers without a fraction, too.
 */
final class NumberTerms {
    private static final int MAX_DIGITS = 30;
    private static final int MAX_STATES = 1_000;

    private final JsonTerms json;
    private final TermPool pool;
    private final Term digits;
    private final Term zeros;
    private final Term minus;
    private final Term point;

    /**
     * What a schema asks of a number.
     *
     * @param isOverLow  the number must be above {@code low}, not equal
     * @param isUnderHigh likewise
     */
    record Bounds(
            boolean isInteger,
            @Nullable BigDecimal low,
            boolean isOverLow,
            @Nullable BigDecimal high,
            boolean isUnderHigh,
            @Nullable BigDecimal multipleOf) {}

    NumberTerms(final JsonTerms json) {
        this.json = json;
        pool = json.pool;
        digits = pool.star(json.digit);
        zeros = pool.star(json.text("0"));
        minus = json.text("-");
        point = json.text(".");
    }

    Term of(final Bounds bounds) {
        if (bounds.low == null && bounds.high == null && bounds.multipleOf == null) {
            return bounds.isInteger ? json.integer : json.number;
        }
        final Term fraction = pool.pair(point, pool.repeat(json.digit, 1, MAX_DIGITS));
        Term term = bounds.isInteger ? json.integer : pool.pair(json.integer, pool.optional(fraction));
        if (bounds.low != null) {
            term = pool.both(term, atLeast(bounds.low, !bounds.isOverLow));
        }
        if (bounds.high != null) {
            term = pool.both(term, atMost(bounds.high, !bounds.isUnderHigh));
        }
        return bounds.multipleOf == null ? term : pool.both(term, multiples(bounds.multipleOf));
    }

    private Term atLeast(final BigDecimal low, final boolean isInclusive) {
        return low.signum() >= 0
                ? above(low, isInclusive)
                : pool.either(unsigned(), pool.pair(minus, below(low.negate(), isInclusive)));
    }

    private Term atMost(final BigDecimal high, final boolean isInclusive) {
        if (high.signum() < 0) {
            return pool.pair(minus, above(high.negate(), isInclusive));
        }
        // Every number with a sign is below or equal to 0; -0 is not below it.
        final Term negative = high.signum() == 0 && !isInclusive ? above(BigDecimal.ZERO, false) : unsigned();
        return pool.either(pool.pair(minus, negative), below(high, isInclusive));
    }

    private Term unsigned() {
        return pool.pair(digits, pool.optional(pool.pair(point, digits)));
    }

    /** Unsigned numbers from {@code bound} on. */
    private Term above(final BigDecimal bound, final boolean isInclusive) {
        final String whole = wholeOf(bound);
        final String fraction = fractionOf(bound);
        final Term tail = pool.optional(pool.pair(point, digits));
        final Term behind = fraction.isEmpty() && isInclusive
                ? pool.optional(pool.pair(point, digits))
                : pool.pair(point, largerFraction(fraction, 0, isInclusive));
        return pool.either(pool.pair(largerWhole(whole), tail), pool.pair(json.text(whole), behind));
    }

    /** Unsigned numbers up to {@code bound}. */
    private Term below(final BigDecimal bound, final boolean isInclusive) {
        final String whole = wholeOf(bound);
        final String fraction = fractionOf(bound);
        final Term tail = pool.optional(pool.pair(point, digits));
        final Term smaller = smallerFraction(fraction, 0, isInclusive);
        final Term bare = fraction.isEmpty() && !isInclusive ? pool.nothing : pool.empty;
        return pool.either(
                pool.pair(smallerWhole(whole), tail),
                pool.pair(json.text(whole), pool.either(bare, pool.pair(point, smaller))));
    }

    private static String wholeOf(final BigDecimal value) {
        return value.setScale(0, RoundingMode.DOWN).toBigInteger().toString();
    }

    private static String fractionOf(final BigDecimal value) {
        final String plain = value.stripTrailingZeros().toPlainString();
        final int at = plain.indexOf('.');
        return at < 0 ? "" : plain.substring(at + 1);
    }

    private Term range(final int low, final int high) {
        return low > high ? pool.nothing : pool.bytes(ByteSet.range(low, high));
    }

    /** Whole numbers without leading zeros that are larger. */
    private Term largerWhole(final String whole) {
        final List<Term> terms = new ArrayList<>();
        terms.add(pool.sequence(range('1', '9'), pool.repeat(json.digit, whole.length(), Term.MANY)));
        for (int i = 0; i < whole.length(); i++) {
            terms.add(pool.sequence(
                    json.text(whole.substring(0, i)),
                    range(whole.charAt(i) + 1, '9'),
                    pool.repeat(json.digit, whole.length() - i - 1, whole.length() - i - 1)));
        }
        return pool.either(terms);
    }

    private Term smallerWhole(final String whole) {
        final List<Term> terms = new ArrayList<>();
        if (whole.length() > 1) {
            terms.add(json.text("0"));
            terms.add(pool.sequence(range('1', '9'), pool.repeat(json.digit, 0, whole.length() - 2)));
        }
        for (int i = 0; i < whole.length(); i++) {
            final int lowest = i == 0 && whole.length() > 1 ? '1' : '0';
            terms.add(pool.sequence(
                    json.text(whole.substring(0, i)),
                    range(lowest, whole.charAt(i) - 1),
                    pool.repeat(json.digit, whole.length() - i - 1, whole.length() - i - 1)));
        }
        return pool.either(terms);
    }

    private Term largerFraction(final String fraction, final int at, final boolean isInclusive) {
        if (at == fraction.length()) {
            return isInclusive ? digits : pool.sequence(zeros, range('1', '9'), digits);
        }
        final int next = fraction.charAt(at);
        return pool.either(
                pool.pair(range(next + 1, '9'), digits),
                pool.pair(pool.bytes(ByteSet.of(next)), largerFraction(fraction, at + 1, isInclusive)));
    }

    private Term smallerFraction(final String fraction, final int at, final boolean isInclusive) {
        if (at == fraction.length()) {
            return isInclusive ? zeros : pool.nothing;
        }
        final int next = fraction.charAt(at);
        final Term same = pool.pair(pool.bytes(ByteSet.of(next)), smallerFraction(fraction, at + 1, isInclusive));
        return pool.either(pool.empty, pool.pair(range('0', next - 1), digits), same);
    }

    /** A remainder is carried from digit to digit; behind the point so many digits count, and zeros. */
    private Term multiples(final BigDecimal of) {
        final int scale = Math.max(0, of.stripTrailingZeros().scale());
        final BigInteger modulus = of.movePointRight(scale).toBigIntegerExact();
        if (of.signum() <= 0 || modulus.bitLength() > 31 || modulus.intValueExact() * (scale + 1L) > MAX_STATES) {
            throw new GrammarException(
                    "",
                    "multipleOf is " + of.toPlainString() + "; in units of its last digit it must be from 1 to "
                            + MAX_STATES / (scale + 1));
        }
        final int m = modulus.intValueExact();
        final Term[][] states = new Term[scale + 1][m];
        for (int behind = scale; behind >= 0; behind--) {
            for (int rest = 0; rest < m; rest++) {
                states[behind][rest] = pool.declare(isMultiple(rest, scale - behind, m));
            }
        }
        for (int behind = 0; behind <= scale; behind++) {
            for (int rest = 0; rest < m; rest++) {
                pool.define(states[behind][rest], step(states, behind, rest, m));
            }
        }
        return pool.pair(pool.optional(minus), states[0][0]);
    }

    private static boolean isMultiple(final int rest, final int missing, final int m) {
        long value = rest;
        for (int i = 0; i < missing; i++) {
            value = value * 10 % m;
        }
        return value == 0;
    }

    /** State 0 is before the point, state i behind i digits after it. */
    private Term step(final Term[][] states, final int behind, final int rest, final int m) {
        final int scale = states.length - 1;
        final List<Term> ways = new ArrayList<>();
        if (isMultiple(rest, scale - behind, m)) {
            ways.add(pool.empty);
        }
        for (int d = 0; d <= 9; d++) {
            final int next = (10 * rest + d) % m;
            if (behind == 0) {
                ways.add(pool.pair(json.text(Integer.toString(d)), states[0][next]));
            } else if (behind < scale) {
                ways.add(pool.pair(json.text(Integer.toString(d)), states[behind + 1][next]));
            }
            if (behind == 0 && scale > 0) {
                ways.add(pool.sequence(point, json.text(Integer.toString(d)), states[1][next]));
            }
        }
        if (behind == scale && rest == 0) {
            ways.add(scale == 0 ? pool.sequence(point, json.text("0"), zeros) : pool.pair(json.text("0"), zeros));
        }
        return pool.either(ways);
    }
}
