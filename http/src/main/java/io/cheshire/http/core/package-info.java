/** Pure parts of the API: stop strings, limits of a request against the model, responses as JSON. */
@NullMarked
package io.cheshire.http.core;

import org.jspecify.annotations.NullMarked;
