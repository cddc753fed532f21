package io.cheshire.model.core.jinja;

import java.util.function.BooleanSupplier;

/** Counts what one rendering has used of its limits. One thread. */
final class Budget {
    private static final int STEPS_PER_CHECK = 256;

    private final RenderLimits limits;
    private final BooleanSupplier cancelled;
    private long chars;
    private long items;
    private int depth;
    private int steps;

    Budget(final RenderLimits limits, final BooleanSupplier cancelled) {
        this.limits = limits;
        this.cancelled = cancelled;
    }

    /** Before {@code added} characters are put behind {@code present} ones. */
    void chars(final long present, final long added) {
        chars += added;
        if (present + added > limits.maxOutputChars()) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT, "a text grows beyond " + limits.maxOutputChars() + " characters");
        }
        if (chars > limits.maxTotalChars()) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT,
                    "rendering made more than " + limits.maxTotalChars() + " characters of text");
        }
        step();
    }

    /** Before a list or dict of so many elements is made, or as elements are added. */
    void items(final long added) {
        items += added;
        if (items > limits.maxItems()) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT, "rendering made more than " + limits.maxItems() + " list elements");
        }
        step();
    }

    /** Called all the time; ends a rendering that nobody waits for. */
    void step() {
        if (++steps >= STEPS_PER_CHECK) {
            steps = 0;
            if (cancelled.getAsBoolean()) {
                throw new TemplateFault(TemplateFault.Kind.CANCELLED, "rendering was cancelled");
            }
        }
    }

    void enter() {
        if (++depth > limits.maxDepth()) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT, "macros and recursive loops go more than " + limits.maxDepth() + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
