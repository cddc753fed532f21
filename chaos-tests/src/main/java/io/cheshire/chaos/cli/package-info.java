/** {@code cheshire chaos}: fault injection from the command line. */
@NullMarked
package io.cheshire.chaos.cli;

import org.jspecify.annotations.NullMarked;
