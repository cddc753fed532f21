/** Puts the modules together into the roles of a process: router, expert node, coordinator, or all in one. */
@NullMarked
package io.cheshire.ops.runtime.process;

import org.jspecify.annotations.NullMarked;
