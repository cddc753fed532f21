/** The HTTP edge against a scripted engine. */
package io.cheshire.router.api.runtime;
