package io.cheshire.model.core.jinja;

import java.time.LocalDateTime;
import java.util.function.Supplier;

/** The state of one rendering: budget, printing, operators, clock. One thread. */
final class Rendering {
    private final Budget budget;
    private final Printer printer;
    private final Operators operators;
    private final Supplier<LocalDateTime> now;

    Rendering(final Budget budget, final Supplier<LocalDateTime> now) {
        this.budget = budget;
        this.printer = new Printer(budget);
        this.operators = new Operators(budget, printer);
        this.now = now;
    }

    Budget budget() {
        return budget;
    }

    TextBuilder builder() {
        return new TextBuilder(budget);
    }

    Text str(final Object value) {
        return printer.str(value);
    }

    Printer printer() {
        return printer;
    }

    Operators operators() {
        return operators;
    }

    LocalDateTime now() {
        return now.get();
    }
}
