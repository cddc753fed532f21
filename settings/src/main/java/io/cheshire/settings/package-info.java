/** The one way in which every module reads its settings. */
@NullMarked
package io.cheshire.settings;

import org.jspecify.annotations.NullMarked;
