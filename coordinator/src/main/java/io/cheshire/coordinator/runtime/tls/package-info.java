/** TLS of the control plane: only processes that know the cluster's secret can speak in it. */
@NullMarked
package io.cheshire.coordinator.runtime.tls;

import org.jspecify.annotations.NullMarked;
