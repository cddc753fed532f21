/** What the console decides. */
package io.cheshire.http.core.console;
