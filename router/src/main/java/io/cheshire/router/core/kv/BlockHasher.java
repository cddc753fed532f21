package io.cheshire.router.core.kv;

import io.cheshire.model.core.RopeTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Makes the chained keys of KV blocks: each block's key covers its parent's, so that one look-up compares a whole
 * prefix. The root covers what else decides the contents of a block: the model, the RoPE table of the sequence, and the
 * scope within which prefixes may be shared. Not thread-safe: it reuses its digest.
 */
public final class BlockHasher {
    private static final int KEY_BYTES = 32;

    private final byte[] modelFingerprint;
    private final MessageDigest digest;
    private final ByteBuffer input;

    /** @param modelFingerprint the model's identity; any text that differs between models */
    public BlockHasher(final String modelFingerprint, final int tokensPerBlock) {
        this.modelFingerprint = modelFingerprint.getBytes(StandardCharsets.UTF_8);
        this.input = ByteBuffer.allocate(Math.addExact(KEY_BYTES, Math.multiplyExact(Integer.BYTES, tokensPerBlock)))
                .order(ByteOrder.LITTLE_ENDIAN);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The key before the first block of a sequence. Fields are length-prefixed, so that none can pose as another. */
    public BlockKey root(final RopeTable.Kind rope, final String cacheScope) {
        final byte[] scope = cacheScope.getBytes(StandardCharsets.UTF_8);
        final byte[] table = rope.name().getBytes(StandardCharsets.UTF_8);
        final ByteBuffer lengths = ByteBuffer.allocate(3 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        lengths.putInt(modelFingerprint.length).putInt(scope.length).putInt(table.length);
        digest.update(lengths.array());
        digest.update(modelFingerprint);
        digest.update(scope);
        digest.update(table);
        return finish();
    }

    /** The key of the block that holds {@code tokens[from .. from + count)} after {@code parent}. */
    public BlockKey child(final BlockKey parent, final int[] tokens, final int from, final int count) {
        input.clear();
        input.putLong(parent.a()).putLong(parent.b()).putLong(parent.c()).putLong(parent.d());
        for (int i = 0; i < count; i++) {
            input.putInt(tokens[from + i]);
        }
        digest.update(input.array(), 0, input.position());
        return finish();
    }

    private BlockKey finish() {
        final ByteBuffer key = ByteBuffer.wrap(digest.digest()).order(ByteOrder.LITTLE_ENDIAN);
        return new BlockKey(key.getLong(), key.getLong(), key.getLong(), key.getLong());
    }
}
