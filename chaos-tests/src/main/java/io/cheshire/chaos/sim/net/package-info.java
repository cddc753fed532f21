/** A data plane and a control plane that exist only here, with everything that networks do. */
@NullMarked
package io.cheshire.chaos.sim.net;

import org.jspecify.annotations.NullMarked;
