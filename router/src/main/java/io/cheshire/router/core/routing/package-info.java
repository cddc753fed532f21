/** What the gate chose: counters by unit, and where each layer's choice is recorded. */
@NullMarked
package io.cheshire.router.core.routing;

import org.jspecify.annotations.NullMarked;
