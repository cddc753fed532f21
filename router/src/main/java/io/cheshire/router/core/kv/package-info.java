/** Who holds which block of the KV cache, and which blocks hold a prefix seen before. */
@NullMarked
package io.cheshire.router.core.kv;

import org.jspecify.annotations.NullMarked;
