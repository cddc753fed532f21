/** The routing trace: a file of what the gate chose, written beside the engine. */
@NullMarked
package io.cheshire.router.runtime.routing;

import org.jspecify.annotations.NullMarked;
