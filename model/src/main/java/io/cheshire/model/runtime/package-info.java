/** Effects of the model module: mapped files, native tokenizer, devices. */
@NullMarked
package io.cheshire.model.runtime;

import org.jspecify.annotations.NullMarked;
