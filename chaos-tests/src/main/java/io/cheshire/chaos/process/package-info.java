/** Experiments on real processes: a cluster on this host is put under load, hurt and compared with itself unhurt. */
@NullMarked
package io.cheshire.chaos.process;

import org.jspecify.annotations.NullMarked;
