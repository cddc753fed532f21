package io.cheshire.model.core.jinja;

/** Python's None. */
enum None {
    NONE
}
