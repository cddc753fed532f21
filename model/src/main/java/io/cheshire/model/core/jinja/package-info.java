/**
 * Jinja templates, rendered as Jinja2 renders them in the environment of Hugging Face's tokenizers: trimmed blocks,
 * immutable sandbox, loop controls, plain {@code tojson}. What is not implemented exactly is refused when the template
 * is parsed. Every character of the output knows whether a message or the template wrote it. No reflection, no files,
 * no clock of its own.
 */
@NullMarked
package io.cheshire.model.core.jinja;

import org.jspecify.annotations.NullMarked;
