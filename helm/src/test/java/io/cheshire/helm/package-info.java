/** Tests of the Helm chart, of Grafana's boards and of the alert rules. */
@NullMarked
package io.cheshire.helm;

import org.jspecify.annotations.NullMarked;
