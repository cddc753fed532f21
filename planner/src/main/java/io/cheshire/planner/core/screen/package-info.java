/** The closed form: what one fleet carries, microseconds a configuration. */
@NullMarked
package io.cheshire.planner.core.screen;

import org.jspecify.annotations.NullMarked;
