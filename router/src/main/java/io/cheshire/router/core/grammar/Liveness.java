package io.cheshire.router.core.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which terms some text matches. What asks for several things at once is followed through all of its derivatives, for
 * which there is a budget; of all else the parts tell.
 */
final class Liveness {
    private final TermPool pool;
    private final Derivatives derivatives;

    Liveness(final TermPool pool, final Derivatives derivatives) {
        this.pool = pool;
        this.derivatives = derivatives;
    }

    /**
     * Once a term is known to match nothing, others are derived without it, and so become terms that nobody has looked
     * at: looks again until nothing new comes about.
     */
    void settle() {
        for (int id = 0; id < pool.size(); id++) {
            pool.term(id).isLive = true;
        }
        int known;
        int lived;
        int live = pool.size();
        do {
            known = pool.size();
            lived = live;
            lookAtAll();
            live = liveTerms();
        } while (pool.size() > known || live != lived);
    }

    private void lookAtAll() {
        final Map<Term, List<Term>> before = new LinkedHashMap<>();
        final int roots = pool.size();
        for (int id = 0; id < roots; id++) {
            if (pool.term(id).kind == Term.Kind.BOTH) {
                explore(pool.term(id), before);
            }
        }
        markDead(before);
        bottomUp();
        // Derivatives that were taken before this was known may hold what can't be completed.
        for (int id = 0; id < pool.size(); id++) {
            pool.term(id).next = null;
        }
    }

    private int liveTerms() {
        int live = 0;
        for (int id = 0; id < pool.size(); id++) {
            live += pool.term(id).isLive ? 1 : 0;
        }
        return live;
    }

    private void explore(final Term root, final Map<Term, List<Term>> before) {
        final Deque<Term> left = new ArrayDeque<>();
        if (before.putIfAbsent(root, new ArrayList<>()) == null) {
            left.add(root);
        }
        while (!left.isEmpty()) {
            final Term term = left.remove();
            for (int byteClass = 0; byteClass < derivatives.classes(); byteClass++) {
                final Term next = derivatives.ofClass(term, byteClass);
                if (next == pool.nothing) {
                    continue;
                }
                final List<Term> known = before.get(next);
                if (known == null) {
                    before.put(next, new ArrayList<>(List.of(term)));
                    left.add(next);
                } else if (known.isEmpty() || known.getLast() != term) {
                    known.add(term);
                }
            }
        }
    }

    private static void markDead(final Map<Term, List<Term>> before) {
        before.keySet().forEach(term -> term.isDead = true);
        final Deque<Term> left = new ArrayDeque<>();
        for (final Term term : before.keySet()) {
            if (term.nullable) {
                term.isDead = false;
                left.add(term);
            }
        }
        while (!left.isEmpty()) {
            for (final Term earlier : before.getOrDefault(left.remove(), List.of())) {
                if (earlier.isDead) {
                    earlier.isDead = false;
                    left.add(earlier);
                }
            }
        }
    }

    private void bottomUp() {
        for (int id = 0; id < pool.size(); id++) {
            pool.term(id).isLive = false;
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int id = 0; id < pool.size(); id++) {
                final Term term = pool.term(id);
                if (!term.isLive && !term.isDead && byParts(pool, term)) {
                    term.isLive = true;
                    changed = true;
                }
            }
        }
    }

    /** Some text matches, if that is known of the parts and rules. */
    static boolean byParts(final TermPool pool, final Term term) {
        return switch (term.kind) {
            case NOTHING -> false;
            case EMPTY, BYTES, NOT -> true;
            case SEQUENCE -> term.parts[0].isLive && term.parts[1].isLive;
            case EITHER -> anyLive(term.parts);
            case BOTH -> !term.isDead && term.parts[0].isLive && term.parts[1].isLive;
            case REPEAT -> term.min == 0 || term.parts[0].isLive;
            case CALL -> pool.body(term).isLive;
        };
    }

    private static boolean anyLive(final Term[] parts) {
        for (final Term part : parts) {
            if (part.isLive) {
                return true;
            }
        }
        return false;
    }
}
