package io.cheshire.http.runtime.store;

import io.cheshire.http.runtime.store.KeptThings.Kept;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.nio.ByteBuffer;

/** A thing as it lies in the store: its kind, tenant and id are its key, its times stand before its value. Pure. */
record StoredThing(Kind kind, Kept thing) {
    private static final String CUT = "/";
    private static final int STAMP_BYTES = 2 * Long.BYTES;

    /** Names of tenants have no cut. */
    static String key(final Kind kind, final String tenant, final String id) {
        return kind + CUT + tenant + CUT + id;
    }

    static byte[] bytes(final long createdSeconds, final long expiresSeconds, final byte[] value) {
        final byte[] stored = new byte[STAMP_BYTES + value.length];
        ByteBuffer.wrap(stored).putLong(createdSeconds).putLong(expiresSeconds).put(value);
        return stored;
    }

    static StoredThing read(final String key, final byte[] stored) {
        final String[] names = key.split(CUT, -1);
        final ByteBuffer buffer = ByteBuffer.wrap(stored);
        final long created = buffer.getLong();
        final long expires = buffer.getLong();
        final byte[] value = new byte[buffer.remaining()];
        buffer.get(value);
        return new StoredThing(Kind.valueOf(names[0]), new Kept(names[1], names[2], created, expires, value));
    }

    /** With what belongs to it beside. */
    KeptIndex.Entry entry(final long moreBytes) {
        return new KeptIndex.Entry(
                thing.tenant(),
                thing.id(),
                thing.createdSeconds(),
                thing.expiresSeconds(),
                thing.value().length + moreBytes);
    }
}
