package io.cheshire.coordinator.core;

/** How much a line in a member's log matters. */
public enum Severity {
    /** The usual course of things. */
    INFO,
    /** The member goes on, but somebody should look. */
    WARN,
    /** Something is wrong that doesn't heal by itself. */
    ERROR
}
