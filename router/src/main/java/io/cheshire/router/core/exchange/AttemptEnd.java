package io.cheshire.router.core.exchange;

/** How an attempt comes to its end, as far as rows go that it has not answered. */
enum AttemptEnd {
    /** The node answered all of it, or said that it won't answer the rest. */
    HEARD,
    /** The connection is gone or the answer stayed away: the node may have computed them or not. */
    UNHEARD
}
