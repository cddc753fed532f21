package io.cheshire.coordinator.protocol;

/**
 * Marks what may travel between the actors of the control plane. Only marked records are serialized (CBOR, see
 * {@code reference.conf}), each under a short fixed name: neither Java serialization nor a class name is ever on the
 * wire.
 */
public interface ControlMessage {}
