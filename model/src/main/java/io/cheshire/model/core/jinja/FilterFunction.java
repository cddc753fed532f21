package io.cheshire.model.core.jinja;

/** A filter as a template names it. */
@FunctionalInterface
interface FilterFunction {
    Object apply(Object value, CallArgs args);
}
