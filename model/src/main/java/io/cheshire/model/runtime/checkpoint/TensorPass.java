package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.WeightScan;
import io.cheshire.model.core.kernel.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * One pass over the bytes of a tensor, piece by piece: what they are like and what they are. A piece is hashed while
 * the scan has it in the cache, so both together read memory, or the disk, once.
 *
 * @param scan   what is wrong with its values; nothing, where that wasn't asked for
 * @param sha256 SHA-256 of its bytes as stored, 64 hexadecimal digits
 */
record TensorPass(WeightScan scan, String sha256) {
    /** Fits a core's second cache with the copy that is hashed; a multiple of every element's size and of eight. */
    private static final int PIECE_BYTES = 128 << 10;

    private static final WeightScan NOT_SCANNED = new WeightScan(false, false, false);

    /** @param scans whether the values are looked at, too */
    static TensorPass over(final TensorView tensor, final boolean scans) {
        final MessageDigest digest = FileHashes.sha256();
        final MemorySegment data = tensor.data();
        // The JDK hashes whole arrays by the processor's own instructions, and mapped memory in pieces of 4 KiB.
        final byte[] piece = new byte[(int) Math.min(PIECE_BYTES, data.byteSize())];
        boolean nonFinite = false;
        boolean subnormal = false;
        boolean allZero = true;
        for (long offset = 0; offset < data.byteSize(); offset += PIECE_BYTES) {
            final int bytes = (int) Math.min(PIECE_BYTES, data.byteSize() - offset);
            if (scans) {
                final WeightScan scan = WeightScan.of(new TensorView(
                        tensor.name(),
                        tensor.dtype(),
                        List.of((long) bytes / tensor.dtype().bytes()),
                        data.asSlice(offset, bytes)));
                nonFinite |= scan.nonFinite();
                subnormal |= scan.subnormal();
                allZero &= scan.allZero();
            }
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, piece, 0, bytes);
            digest.update(piece, 0, bytes);
        }
        return new TensorPass(
                scans ? new WeightScan(nonFinite, subnormal, allZero) : NOT_SCANNED,
                HexFormat.of().formatHex(digest.digest()));
    }
}
