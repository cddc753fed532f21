package io.cheshire.transport.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.LinkGuard.Verdict;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.Side;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What carries a link's MAC comes from the link's peer, whole and once; nothing else passes. */
class FrameMacTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261129L);
    private static final ClusterSecret SECRET = new ClusterSecret("a secret of the whole cluster");
    private static final Hello HELLO =
            new Hello(HelloDecoder.SCHEMA_VERSION, 1, 11, 2, 22, 33, Frames.MODEL.fingerprint(), 32, 1, "aeron:ipc", 5);

    private static FrameMac mac(final Side receiver, final LinkKeys keys) {
        return receiver == Side.NODE ? keys.toNode() : keys.toRouter();
    }

    private static Map<String, UnsafeBuffer> frames(final Side receiver, final LinkKeys keys) {
        final Frames frames = Frames.signed(mac(receiver, keys));
        final Map<String, UnsafeBuffer> all = receiver == Side.NODE ? frames.toNode() : frames.toRouter();
        all.remove("Hello");
        all.remove("HelloAck");
        return all;
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldLetEveryFramePassOnceAndNeitherAgainNorByAnotherKeyNorWithout(final Side receiver) {
        final LinkKeys keys = SECRET.keys(HELLO, 77);
        final FrameGate gate = new FrameGate(Frames.limits(true), receiver);
        final LinkGuard guard = new LinkGuard(mac(receiver, keys));
        final LinkGuard otherLink = new LinkGuard(mac(receiver, SECRET.keys(HELLO, 78)));
        final LinkGuard otherWay = new LinkGuard(mac(receiver == Side.NODE ? Side.ROUTER : Side.NODE, keys));
        final LinkGuard without = new LinkGuard(null);
        frames(receiver, keys).forEach((name, frame) -> {
            assertThat(gate.check(frame, 0, frame.capacity())).as(name).isEqualTo(FrameVerdict.VALID);
            assertThat(otherLink.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.FORGED);
            assertThat(otherWay.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.FORGED);
            assertThat(without.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.FORGED);
            assertThat(guard.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.GENUINE);
            assertThat(guard.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.REPLAYED);
        });
        final Frames plain = new Frames(true, null);
        (receiver == Side.NODE ? plain.toNode() : plain.toRouter()).forEach((name, frame) -> {
            if (!name.startsWith("Hello")) {
                assertThat(guard.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.FORGED);
                assertThat(without.check(frame, 0, frame.capacity())).as(name).isEqualTo(Verdict.GENUINE);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldFindEverySingleBitFlip(final Side receiver) {
        final LinkKeys keys = SECRET.keys(HELLO, 77);
        final FrameGate gate = new FrameGate(Frames.limits(true), receiver);
        frames(receiver, keys).forEach((name, frame) -> {
            for (int bit = 0; bit < frame.capacity() * Byte.SIZE; bit++) {
                flip(frame, bit);
                final LinkGuard guard = new LinkGuard(mac(receiver, keys));
                assertThat(gate.check(frame, 0, frame.capacity()) == FrameVerdict.VALID
                                && guard.check(frame, 0, frame.capacity()) == Verdict.GENUINE)
                        .as("%s bit %d passes", name, bit)
                        .isFalse();
                flip(frame, bit);
            }
        });
    }

    @Test
    void shouldBeTheFirstHalfOfHmacSha256() throws GeneralSecurityException {
        final SplittableRandom random = new SplittableRandom(SEED);
        final byte[] key = new byte[FrameMac.KEY_BYTES];
        random.nextBytes(key);
        final FrameMac ours = new FrameMac(key);
        final Mac reference = Mac.getInstance("HmacSHA256");
        reference.init(new SecretKeySpec(key, "HmacSHA256"));
        for (final int length : new int[] {64, 104, 8191, 8192, 8193, 16_512, 65_504}) {
            final byte[] frame = new byte[length + 3];
            random.nextBytes(frame);
            final UnsafeBuffer buffer = new UnsafeBuffer(frame);
            ours.sign(buffer, 3, length);
            final byte[] signed = Arrays.copyOfRange(frame, 3, 3 + length);
            final byte[] code =
                    Arrays.copyOfRange(signed, FrameLayout.MAC_OFFSET, FrameLayout.MAC_OFFSET + FrameMac.BYTES);
            Arrays.fill(signed, FrameLayout.MAC_OFFSET, FrameLayout.MAC_OFFSET + FrameMac.BYTES, (byte) 0);
            assertThat(code).as("%d bytes", length).isEqualTo(Arrays.copyOf(reference.doFinal(signed), FrameMac.BYTES));
            assertThat(ours.matches(buffer, 3, length)).isTrue();
        }
    }

    @Test
    void shouldDeriveTheSameKeysOnBothEndsAndOthersForAnyOtherLink() {
        final HelloAnswer answer = new HelloAnswer(
                2, HelloStatus.ACCEPTED, 77, 2, 22, 1, 11, 33, Frames.MODEL.fingerprint(), 9, 9, LinkOptions.NONE);
        final UnsafeBuffer frame =
                Frames.signed(SECRET.keys(answer).toNode()).toNode().get("Dispatch");
        assertThat(SECRET.keys(HELLO, 77).toNode().matches(frame, 0, frame.capacity()))
                .isTrue();
        for (final LinkKeys other : new LinkKeys[] {
            SECRET.keys(HELLO, 76),
            new ClusterSecret("another secret of a cluster").keys(HELLO, 77),
            SECRET.keys(new Hello(2, 1, 12, 2, 22, 33, Frames.MODEL.fingerprint(), 32, 1, "aeron:ipc", 5), 77),
            SECRET.keys(new Hello(2, 1, 11, 2, 22, 34, Frames.MODEL.fingerprint(), 32, 1, "aeron:ipc", 5), 77),
            SECRET.keys(new Hello(2, 1, 11, 2, 23, 33, Frames.MODEL.fingerprint(), 32, 1, "aeron:ipc", 5), 77),
        }) {
            assertThat(other.toNode().matches(frame, 0, frame.capacity())).isFalse();
        }
    }

    @Test
    void shouldNotAllocateWhenSigningAndJudging() {
        final LinkKeys keys = SECRET.keys(HELLO, 77);
        final FrameSeal seal = new FrameSeal(true);
        seal.authenticate(keys.toNode());
        final LinkGuard guard = new LinkGuard(keys.toNode());
        final UnsafeBuffer frame = new Frames(false, null).toNode().get("Dispatch");
        for (int i = 0; i < 20_000; i++) {
            seal.apply(frame, 0, frame.capacity());
            guard.check(frame, 0, frame.capacity());
        }
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            seal.apply(frame, 0, frame.capacity());
            guard.check(frame, 0, frame.capacity());
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4096);
    }

    private static void flip(final UnsafeBuffer buffer, final int bit) {
        buffer.putByte(bit / Byte.SIZE, (byte) (buffer.getByte(bit / Byte.SIZE) ^ (1 << (bit % Byte.SIZE))));
    }
}
