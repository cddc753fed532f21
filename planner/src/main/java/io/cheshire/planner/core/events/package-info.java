/** Virtual time for the planner: what happens next, chance by purpose, and what must hold of every queue. */
@NullMarked
package io.cheshire.planner.core.events;

import org.jspecify.annotations.NullMarked;
