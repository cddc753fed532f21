/** Dispatch and combine: which rows go to which node, and what came back. */
@NullMarked
package io.cheshire.router.core.exchange;

import org.jspecify.annotations.NullMarked;
