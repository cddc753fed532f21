/** Answers as words, tables, a page, and as what deploys them. */
@NullMarked
package io.cheshire.planner.core.report;

import org.jspecify.annotations.NullMarked;
