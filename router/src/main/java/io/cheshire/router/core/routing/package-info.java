/** The gate's choices: counters by unit, and a recorder for each layer. */
@NullMarked
package io.cheshire.router.core.routing;

import org.jspecify.annotations.NullMarked;
