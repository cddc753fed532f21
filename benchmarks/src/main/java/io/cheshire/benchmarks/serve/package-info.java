/** The `cheshire bench serve` command: a load generator for any server that speaks the OpenAI completions protocol. */
@NullMarked
package io.cheshire.benchmarks.serve;

import org.jspecify.annotations.NullMarked;
