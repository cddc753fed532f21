/** What feeds the console. */
package io.cheshire.http.runtime.console;
