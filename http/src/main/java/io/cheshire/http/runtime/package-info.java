/** Armeria services, the gates in front of them, and the server's life. */
@NullMarked
package io.cheshire.http.runtime;

import org.jspecify.annotations.NullMarked;
