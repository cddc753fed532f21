package io.cheshire.http.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds, owners and time of what is kept. */
class KeptThingsTest {
    private final AtomicLong now = new AtomicLong(1000);

    @TempDir
    Path directory;

    private KeptThings open(final int responses, final long responseBytes, final long fileBytes, final Path where) {
        return KeptThings.open(new StoreConfig(where, responses, responseBytes, 3, fileBytes, 10, 2, 2, 100), now::get);
    }

    private static byte[] bytes(final int count) {
        return new byte[count];
    }

    private static void putFile(
            final KeptThings things,
            final String tenant,
            final String id,
            final byte[] head,
            final List<byte[]> parts) {
        try (FileUpload upload = things.upload(tenant, id)) {
            upload.add(parts);
            upload.finish(head);
        }
    }

    @Test
    void shouldMakeRoomWithTheOldestOfTheTenantWhoHasTheMost() {
        try (KeptThings things = open(4, 1000, 1000, null)) {
            things.put(Kind.RESPONSE, "small", "s1", bytes(10));
            things.put(Kind.RESPONSE, "large", "l1", bytes(10));
            things.put(Kind.RESPONSE, "large", "l2", bytes(10));
            things.put(Kind.RESPONSE, "large", "l3", bytes(10));
            things.put(Kind.RESPONSE, "large", "l4", bytes(10));

            assertThat(things.get(Kind.RESPONSE, "large", "l1")).isNull();
            assertThat(things.get(Kind.RESPONSE, "small", "s1")).isNotNull();
            things.put(Kind.RESPONSE, "small", "s2", bytes(990));
            assertThat(things.count(Kind.RESPONSE)).isEqualTo(2);
            assertThat(things.bytes(Kind.RESPONSE)).isEqualTo(1000);
            assertThatThrownBy(() -> things.put(Kind.RESPONSE, "small", "s3", bytes(1001)))
                    .isInstanceOf(FullException.class)
                    .hasMessageContaining("response-bytes");
        }
    }

    @Test
    void shouldRefuseFilesBeyondCountAndBytesUntilSomeAreDeleted() {
        try (KeptThings things = open(4, 1000, 100, null)) {
            putFile(things, "t", "f1", bytes(10), List.of(bytes(40), bytes(40)));
            assertThatThrownBy(() -> putFile(things, "t", "f2", bytes(10), List.of(bytes(1))))
                    .isInstanceOf(FullException.class)
                    .hasMessageContaining("file-bytes");
            assertThatThrownBy(() -> things.addPart("t", "f1", 2, bytes(11))).isInstanceOf(FullException.class);
            assertThat(things.delete(Kind.FILE, "other", "f1")).isFalse();
            assertThat(things.delete(Kind.FILE, "t", "f1")).isTrue();
            assertThat(things.sumOfParts("f1").count()).isZero();
            for (int i = 0; i < 3; i++) {
                putFile(things, "t", "f" + i, bytes(1), List.of());
            }
            assertThatThrownBy(() -> putFile(things, "t", "f4", bytes(1), List.of()))
                    .isInstanceOf(FullException.class)
                    .hasMessageContaining(".files");
        }
    }

    @Test
    void shouldTakeRoomForAFileThatArrivesAndGiveItBackIfItEndsEarly() {
        try (KeptThings things = open(4, 1000, 100, null)) {
            try (FileUpload upload = things.upload("t", "f")) {
                upload.add(List.of(bytes(40), bytes(20)));
                assertThat(things.bytes(Kind.FILE)).isEqualTo(60);
                assertThat(things.get(Kind.FILE, "t", "f")).isNull();
                assertThatThrownBy(() -> putFile(things, "u", "g", bytes(1), List.of(bytes(50))))
                        .isInstanceOf(FullException.class);
                assertThat(things.bytes(Kind.FILE)).isEqualTo(60);
            }
            assertThat(things.bytes(Kind.FILE)).isZero();
            assertThat(things.sumOfParts("f").count()).isZero();
            assertThat(things.counts().refused()).isEqualTo(1);
            putFile(things, "u", "g", bytes(1), List.of(bytes(50)));
            assertThat(things.bytes(Kind.FILE)).isEqualTo(51);
            now.addAndGet(100);
            things.forgetExpired();
            assertThat(things.counts().expired()).isEqualTo(1);
        }
    }

    @Test
    void shouldHaveEverythingAgainBehindARestartUntilItsTimeIsOver() {
        try (KeptThings things = open(4, 1000, 1000, directory)) {
            things.put(Kind.RESPONSE, "t", "r", bytes(7));
            putFile(things, "t", "f", bytes(3), List.of(bytes(5)));
            assertThat(things.addPart("t", "f", 2, bytes(6))).isTrue();
            assertThat(things.addPart("t", "f", 2, bytes(9)))
                    .as("a part is made once")
                    .isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(4, 1000, 1000, directory))
                    .withMessageContaining("store.directory");
        }
        now.addAndGet(99);
        try (KeptThings things = open(4, 1000, 1000, directory)) {
            assertThat(things.get(Kind.RESPONSE, "t", "r").value()).hasSize(7);
            assertThat(things.get(Kind.RESPONSE, "u", "r")).isNull();
            assertThat(things.bytes(Kind.FILE)).isEqualTo(14);
            assertThat(things.part("f", 2)).hasSize(6);
            now.incrementAndGet();
            assertThat(things.get(Kind.RESPONSE, "t", "r")).isNull();
            things.forgetExpired();
            assertThat(things.bytes(Kind.FILE)).isZero();
            assertThat(things.sumOfParts("f").count()).isZero();
        }
    }
}
