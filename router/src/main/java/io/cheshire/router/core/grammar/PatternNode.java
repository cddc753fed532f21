package io.cheshire.router.core.grammar;

import java.util.List;

/** A regular expression over characters, as it was written. */
sealed interface PatternNode {
    /** One of these characters. */
    record Chars(CodePoints set) implements PatternNode {}

    /** One after the other. */
    record Sequence(List<PatternNode> parts) implements PatternNode {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** One of them. */
    record Either(List<PatternNode> parts) implements PatternNode {
        public Either {
            parts = List.copyOf(parts);
        }
    }

    /** So many times; {@link Term#MANY} has no end. */
    record Repeated(PatternNode part, int min, int max) implements PatternNode {}

    /** The start of the text, or its end. */
    record Anchor(boolean isStart) implements PatternNode {}
}
