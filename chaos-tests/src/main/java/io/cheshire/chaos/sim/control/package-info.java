/** The control plane: coordinators, membership, and the shells of the members' actors. */
@NullMarked
package io.cheshire.chaos.sim.control;

import org.jspecify.annotations.NullMarked;
