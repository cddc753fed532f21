/** The safetensors format: header, dtypes, shard index; bytes in, checked records out. No file is opened here. */
@NullMarked
package io.cheshire.model.protocol.safetensors;

import org.jspecify.annotations.NullMarked;
