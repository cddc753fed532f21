package io.cheshire.balance.core;

/** Decides which nodes hold which units. Deterministic; not thread-safe (implementations keep scratch space). */
public interface Balancer {
    /**
     * The placement to move to.
     *
     * @throws IllegalArgumentException when the nodes' memory can't hold every unit once: the message says what is
     * missing
     */
    Assignment balance(BalanceProblem problem);
}
