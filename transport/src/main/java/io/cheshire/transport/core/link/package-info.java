/** The life of the links between routers and nodes, from Hello to Goodbye, over whatever network there is: pure. */
@NullMarked
package io.cheshire.transport.core.link;

import org.jspecify.annotations.NullMarked;
