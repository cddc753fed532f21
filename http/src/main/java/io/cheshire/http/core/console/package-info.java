/** The live console's decisions: what is kept of the past, what a page sees, who may ask. */
@NullMarked
package io.cheshire.http.core.console;

import org.jspecify.annotations.NullMarked;
