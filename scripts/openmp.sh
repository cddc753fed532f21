# Sourced by whatever starts the product's JVM, since OpenMP reads these before the JVM could set them. Workers that
# spin on would take the core that the agents need; some tens of microseconds, about from one matmul to the next, cost
# less than being woken (docs/lab/2026-11-engine.md). What the caller set wins.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY-PASSIVE}"
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT-5000}"
