/** What was predicted beside what was seen, and the page that shows it. */
@NullMarked
package io.cheshire.planner.core.validation;

import org.jspecify.annotations.NullMarked;
