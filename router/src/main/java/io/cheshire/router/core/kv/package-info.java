/** The blocks of the KV cache: their holders, and the prefixes that they share. */
@NullMarked
package io.cheshire.router.core.kv;

import org.jspecify.annotations.NullMarked;
