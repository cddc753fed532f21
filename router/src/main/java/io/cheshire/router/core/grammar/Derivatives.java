package io.cheshire.router.core.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a byte leaves of a term (Brzozowski 1964), remembered by classes of bytes that no term tells apart. A term that
 * can't be completed any more is {@link TermPool#nothing}, so whatever is left can be. Used by one thread at a time.
 */
final class Derivatives {
    private static final int REFERENCES_PER_TERM = 32;

    /** In {@link Term#only}: nobody looked. */
    static final int UNKNOWN = -3;
    /** Of {@link #only}: nothing may follow. */
    static final int ENDS = -2;
    /** Of {@link #only}: more than one thing may follow, or the text may end here. */
    static final int MANY = -1;

    private final TermPool pool;
    private final byte[] classOf = new byte[ByteSet.BYTES];
    private int[] byteOfClass = {};
    private int[] bytesInClass = {};
    private final int base;
    private final int growth;
    private long steps;
    private long maxSteps;
    private long tables;
    private int generation;

    /** Settles which terms can be completed; none may be made but by derivation from now on. */
    Derivatives(final TermPool pool, final GrammarLimits limits) {
        this.pool = pool;
        this.maxSteps = limits.steps();
        findClasses();
        new LeftCalls(pool).check();
        new Liveness(pool, this).settle();
        base = pool.size();
        growth = limits.growthOf(base);
        pool.allow(base + 2 * growth);
        forget();
        generation = 0;
    }

    private void findClasses() {
        final Set<ByteSet> sets = new LinkedHashSet<>();
        for (int id = 0; id < pool.size(); id++) {
            sets.add(pool.term(id).bytes);
        }
        final int[] classes = new int[ByteSet.BYTES];
        int count = 1;
        for (final ByteSet set : sets) {
            final Map<Integer, Integer> renamed = new HashMap<>();
            for (int value = 0; value < ByteSet.BYTES; value++) {
                final int key = 2 * classes[value] + (set.has(value) ? 1 : 0);
                final int next = renamed.size();
                classes[value] = renamed.computeIfAbsent(key, _ -> next);
            }
            count = renamed.size();
        }
        byteOfClass = new int[count];
        bytesInClass = new int[count];
        for (int value = ByteSet.BYTES - 1; value >= 0; value--) {
            classOf[value] = (byte) classes[value];
            byteOfClass[classes[value]] = value;
            bytesInClass[classes[value]]++;
        }
    }

    /** Terms when it was compiled. */
    int compiled() {
        return base;
    }

    /** Classes of bytes that are told apart. */
    int classes() {
        return byteOfClass.length;
    }

    /** What {@code value}, a byte, leaves of {@code term}. */
    Term of(final Term term, final int value) {
        return ofClass(term, classOf[value] & 0xff);
    }

    Term ofClass(final Term term, final int byteClass) {
        @Nullable Term @Nullable [] next = term.next;
        if (next != null) {
            final Term known = next[byteClass];
            if (known != null) {
                return known;
            }
        }
        if (++steps > maxSteps) {
            throw new GrammarException(
                    "", "is too complex: more than " + maxSteps + " derivatives were needed; simplify it");
        }
        final Term made = derive(term, byteClass);
        final Term left = made.isLive ? made : pool.nothing;
        if (next == null) {
            next = new Term[byteOfClass.length];
            term.next = next;
            tables++;
        }
        next[byteClass] = left;
        return left;
    }

    /** The one byte that must follow, or {@link #ENDS} or {@link #MANY}. */
    int only(final Term term) {
        if (term.only == UNKNOWN) {
            term.only = findOnly(term);
        }
        return term.only;
    }

    private int findOnly(final Term term) {
        int found = ENDS;
        for (int byteClass = 0; byteClass < byteOfClass.length; byteClass++) {
            if (ofClass(term, byteClass) != pool.nothing) {
                if (found != ENDS || bytesInClass[byteClass] > 1 || term.nullable) {
                    return MANY;
                }
                found = byteOfClass[byteClass];
            }
        }
        return found;
    }

    private Term derive(final Term term, final int byteClass) {
        return switch (term.kind) {
            case NOTHING, EMPTY -> pool.nothing;
            case BYTES -> term.bytes.has(byteOfClass[byteClass]) ? pool.empty : pool.nothing;
            case SEQUENCE -> {
                final Term first = pool.pair(ofClass(term.parts[0], byteClass), term.parts[1]);
                yield term.parts[0].nullable ? pool.either(first, ofClass(term.parts[1], byteClass)) : first;
            }
            case EITHER -> {
                steps += term.parts.length;
                final List<Term> parts = new ArrayList<>();
                for (final Term part : term.parts) {
                    final Term left = ofClass(part, byteClass);
                    if (left != pool.nothing) {
                        parts.add(left);
                    }
                }
                yield pool.either(parts);
            }
            case BOTH -> pool.both(ofClass(term.parts[0], byteClass), ofClass(term.parts[1], byteClass));
            case NOT -> pool.not(ofClass(term.parts[0], byteClass));
            case REPEAT -> {
                final Term part = term.parts[0];
                final int max = term.max == Term.MANY ? Term.MANY : term.max - 1;
                yield pool.pair(ofClass(part, byteClass), pool.repeat(part, Math.max(0, term.min - 1), max));
            }
            case CALL -> ofClass(pool.body(term), byteClass);
        };
    }

    /** A new mask begins: so many derivatives may be taken for it. */
    void beginMask(final long most) {
        steps = 0;
        maxSteps = most;
        if (pool.size() - base + tables * classes() / REFERENCES_PER_TERM > growth) {
            forget();
        }
    }

    /** Drops what was made since the start: terms held from before aren't the pool's any more. */
    void forget() {
        for (int id = 0; id < pool.size(); id++) {
            pool.term(id).next = null;
        }
        pool.truncate(base);
        tables = 0;
        generation++;
    }

    /** Terms of another generation are to be derived anew. */
    int generation() {
        return generation;
    }
}
