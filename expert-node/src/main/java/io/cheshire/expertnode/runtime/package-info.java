/** The expert node: its agent, its units, its compute slots. */
@NullMarked
package io.cheshire.expertnode.runtime;

import org.jspecify.annotations.NullMarked;
