package io.cheshire.router.core.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Refuses rules that call themselves before they have read a byte: they would be followed for ever. */
final class LeftCalls {
    private final TermPool pool;

    LeftCalls(final TermPool pool) {
        this.pool = pool;
    }

    void check() {
        final List<List<Integer>> calls = new ArrayList<>();
        for (int id = 0; id < pool.size(); id++) {
            if (pool.term(id).kind == Term.Kind.CALL) {
                calls.add(firstCalls(pool.body(pool.term(id))));
            }
        }
        final boolean[] done = new boolean[calls.size()];
        final boolean[] open = new boolean[calls.size()];
        for (int rule = 0; rule < calls.size(); rule++) {
            follow(rule, calls, done, open);
        }
    }

    /** By a stack of its own: chains of references may be long. */
    private static void follow(
            final int from, final List<List<Integer>> calls, final boolean[] done, final boolean[] open) {
        final Deque<Integer> path = new ArrayDeque<>();
        final Deque<Integer> places = new ArrayDeque<>();
        path.push(from);
        places.push(0);
        while (!path.isEmpty()) {
            final int rule = path.peek();
            final int place = places.pop();
            open[rule] = !done[rule];
            if (done[rule] || place == calls.get(rule).size()) {
                done[rule] = true;
                open[rule] = false;
                path.pop();
                continue;
            }
            places.push(place + 1);
            final int next = calls.get(rule).get(place);
            if (open[next]) {
                throw new GrammarException(
                        "", "refers to itself ($ref) without anything in between; take the circle out");
            }
            path.push(next);
            places.push(0);
        }
    }

    private List<Integer> firstCalls(final Term body) {
        final Set<Integer> calls = new HashSet<>();
        final Set<Term> seen = new HashSet<>();
        final Deque<Term> left = new ArrayDeque<>();
        left.push(body);
        while (!left.isEmpty()) {
            final Term term = left.pop();
            if (!seen.add(term)) {
                continue;
            }
            switch (term.kind) {
                case NOTHING, EMPTY, BYTES -> {}
                case CALL -> calls.add(term.min);
                case SEQUENCE -> {
                    left.push(term.parts[0]);
                    if (term.parts[0].nullable) {
                        left.push(term.parts[1]);
                    }
                }
                case EITHER, BOTH, NOT, REPEAT -> {
                    for (final Term part : term.parts) {
                        left.push(part);
                    }
                }
            }
        }
        return List.copyOf(calls);
    }
}
