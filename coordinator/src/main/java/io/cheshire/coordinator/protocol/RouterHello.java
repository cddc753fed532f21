package io.cheshire.coordinator.protocol;

/**
 * How a router introduces itself.
 *
 * @param clusterName      name of the cluster it means to join
 * @param modelFingerprint SHA-256 of the model whose attention it computes
 * @param weightsSha256    digest of all weights that it computes with, as 64 hexadecimal digits
 * @param routerId         the router's number in the cluster
 * @param incarnation      drawn anew at every start of the router
 * @param epoch            epoch it works with, 0 when it has none yet
 * @param publisher        incarnation of the coordinator that published this epoch, 0 when it has none yet
 */
public record RouterHello(
        String clusterName,
        String modelFingerprint,
        String weightsSha256,
        int routerId,
        long incarnation,
        long epoch,
        long publisher) {
    public RouterHello {
        Sha256.checked("the digest of a router's weights", weightsSha256);
    }
}
