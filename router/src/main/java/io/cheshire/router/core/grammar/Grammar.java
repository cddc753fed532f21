package io.cheshire.router.core.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A compiled grammar with the masks that were computed for it. Thread-safe: the sequences that share it take turns.
 */
public final class Grammar {
    /** Tokens that are looked for at a text's start. */
    private static final int MOST_OPENING = 64;

    private final TermPool pool;
    private final Term start;
    private final Derivatives derivatives;
    private final TokenVocabulary vocabulary;
    private final GrammarLimits limits;
    /** The least recently used go first. */
    private final Map<MaskKey, AllowedTokens> masks;

    private final ForcedRun opening = new ForcedRun(MOST_OPENING);
    private final ForcedRun inner = new ForcedRun(MOST_OPENING);

    private int maskGeneration;

    private record MaskKey(Term state, boolean opensText) {}

    Grammar(final TermPool pool, final Term start, final TokenVocabulary vocabulary, final GrammarLimits limits) {
        this.pool = pool;
        this.start = start;
        this.vocabulary = vocabulary;
        this.limits = limits;
        derivatives = new Derivatives(pool, limits);
        if (!start.isLive) {
            throw new GrammarException("", "allows no value at all; nothing could be answered");
        }
        beginAll();
        final int words = Math.ceilDiv(vocabulary.size(), Long.SIZE);
        final int most = Math.max(4, limits.maskBytes() / (words * Long.BYTES));
        masks = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(final Map.Entry<MaskKey, AllowedTokens> eldest) {
                return size() > most;
            }
        };
    }

    private void beginAll() {
        derivatives.beginMask(limits.steps());
        try {
            opening.fill(derivatives, start, vocabulary.trie(true), vocabulary.trie(false), true);
            inner.fill(derivatives, start, vocabulary.trie(false), vocabulary.trie(false), true);
        } catch (final GrammarException tooMuch) {
            opening.clear();
            inner.clear();
        }
    }

    /** What a text must begin with. Immutable, so it may be read from any thread. */
    public ForcedRun beginning(final boolean opensText) {
        return opensText ? opening : inner;
    }

    /** Follows one sequence. Used by one thread at a time. */
    public Cursor cursor(final boolean opensText) {
        return new Cursor(opensText);
    }

    /** Most heap that it takes. */
    public long maxBytes() {
        return limits.bytesOf(derivatives.compiled());
    }

    /** The text, all of it, matches. */
    public synchronized boolean matches(final byte[] text) {
        derivatives.beginMask(Math.max(limits.maskSteps(), text.length));
        Term state = start;
        for (final byte value : text) {
            state = derivatives.of(state, value & 0xff);
        }
        return state.nullable;
    }

    /** The place of one sequence: where its tokens have led. */
    public final class Cursor {
        private final boolean opensText;
        private Term state = start;
        private int consumed;
        private int generation = -1;

        private Cursor(final boolean opensText) {
            this.opensText = opensText;
        }

        /**
         * What may follow {@code tokens[from .. to)}, all that were generated; goes on from where the last call ended.
         *
         * @throws GrammarException the grammar became too large to be followed
         */
        public AllowedTokens after(final int[] tokens, final int from, final int to) {
            synchronized (Grammar.this) {
                try {
                    return follow(tokens, from, to);
                } catch (final GrammarException full) {
                    // Perhaps with what others left behind: once more from the start.
                    derivatives.forget();
                    return follow(tokens, from, to);
                }
            }
        }

        /**
         * What must follow {@code tokens[from .. to)} and {@code token}, where the last call of {@link #after} ended
         * at {@code to}. Nothing if that isn't known without much work.
         */
        public void ahead(final int from, final int to, final int token, final ForcedRun run) {
            synchronized (Grammar.this) {
                run.clear();
                derivatives.beginMask(limits.maskSteps());
                if (consumed != to - from || generation != derivatives.generation()) {
                    return;
                }
                try {
                    Term next = state;
                    for (final byte value : vocabulary.bytes(token, opensText && consumed == 0)) {
                        next = derivatives.of(next, value & 0xff);
                    }
                    run.fill(derivatives, next, vocabulary.trie(false), vocabulary.trie(false), false);
                } catch (final GrammarException tooMuch) {
                    run.clear(); // whoever needs the mask says so
                }
            }
        }

        private AllowedTokens follow(final int[] tokens, final int from, final int to) {
            derivatives.beginMask(limits.maskSteps());
            if (maskGeneration != derivatives.generation()) {
                masks.clear();
                maskGeneration = derivatives.generation();
            }
            if (generation != derivatives.generation()) {
                generation = derivatives.generation();
                state = start;
                consumed = 0;
            }
            for (; consumed < to - from; consumed++) {
                for (final byte value : vocabulary.bytes(tokens[from + consumed], opensText && consumed == 0)) {
                    state = derivatives.of(state, value & 0xff);
                }
            }
            if (state == pool.nothing) {
                throw new GrammarException("", "isn't matched by what was generated");
            }
            return mask(opensText && consumed == 0 && !vocabulary.isOneView());
        }

        private AllowedTokens mask(final boolean isOpening) {
            final MaskKey key = new MaskKey(state, isOpening);
            final AllowedTokens known = masks.get(key);
            if (known != null) {
                return known;
            }
            final long[] bits = new long[Math.ceilDiv(vocabulary.size(), Long.SIZE)];
            vocabulary.trie(isOpening).allow(derivatives, state, pool.nothing, bits);
            boolean isDone = true;
            for (final long word : bits) {
                isDone &= word == 0;
            }
            final AllowedTokens made = new AllowedTokens(bits, state.nullable, isDone);
            masks.put(key, made);
            return made;
        }
    }
}
