/** Which sequence's rows go into which lane's next step. */
@NullMarked
package io.cheshire.router.core.schedule;

import org.jspecify.annotations.NullMarked;
