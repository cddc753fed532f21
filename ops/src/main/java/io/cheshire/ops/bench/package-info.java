/** The `cheshire bench serve` command: a load generator for any server that speaks the OpenAI completions protocol. */
@NullMarked
package io.cheshire.ops.bench;

import org.jspecify.annotations.NullMarked;
