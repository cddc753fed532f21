/** What differs from seed to seed, by subject. */
@NullMarked
package io.cheshire.chaos.sim.parameters;

import org.jspecify.annotations.NullMarked;
