/** Text in and out: tokenizer, chat template, stop ids. Everything here reads files or calls native code. */
@NullMarked
package io.cheshire.model.runtime.text;

import org.jspecify.annotations.NullMarked;
