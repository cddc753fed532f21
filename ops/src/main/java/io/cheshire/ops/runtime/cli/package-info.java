/** The cheshire command line. */
@NullMarked
package io.cheshire.ops.runtime.cli;

import org.jspecify.annotations.NullMarked;
