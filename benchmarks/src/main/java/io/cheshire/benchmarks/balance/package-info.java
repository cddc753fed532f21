/** The `cheshire balance` command: balancers compared offline on routing data. */
@NullMarked
package io.cheshire.benchmarks.balance;

import org.jspecify.annotations.NullMarked;
