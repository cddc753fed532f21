/** What tests of the planner share. */
@NullMarked
package io.cheshire.planner.testing;

import org.jspecify.annotations.NullMarked;
