/** The `cheshire balance` command: balancers compared offline on routing data. */
@NullMarked
package io.cheshire.ops.balance;

import org.jspecify.annotations.NullMarked;
