package io.cheshire.model.runtime.text;

/**
 * A stretch of a rendered prompt.
 *
 * @param text    the characters
 * @param trusted true for what the template wrote: added tokens are recognised there and nowhere else
 */
record PromptPart(String text, boolean trusted) {}
