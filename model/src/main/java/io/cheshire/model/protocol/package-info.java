/** A model on disk and on the wire: configuration, number formats, tensor names. No file is opened here. */
@NullMarked
package io.cheshire.model.protocol;

import org.jspecify.annotations.NullMarked;
