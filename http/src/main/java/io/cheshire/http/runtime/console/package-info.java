/** The live console: pages under {@code /ui} and what feeds them. */
@NullMarked
package io.cheshire.http.runtime.console;

import org.jspecify.annotations.NullMarked;
