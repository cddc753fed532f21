/** Requests of the OpenAI API, their strict parsing gate, HTTP/1 framing rules and every limit. */
@NullMarked
package io.cheshire.http.protocol;

import org.jspecify.annotations.NullMarked;
