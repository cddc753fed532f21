/** The HTTP edge against a scripted engine. */
package io.cheshire.http.runtime;
