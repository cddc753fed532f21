package io.cheshire.router.core.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.RopeTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KvBlocksTest {
    private static final BlockHasher HASHER = new BlockHasher("model", 4);
    private static final BlockKey ROOT = HASHER.root(RopeTable.Kind.SHORT, "scope");

    /** Random users take, share, publish and release blocks; a model beside them knows who holds what. */
    @Property(tries = 300)
    void shouldNeverHandOutABlockInUse(
            @ForAll @IntRange(min = 1, max = 12) final int blockCount,
            @ForAll @Size(max = 200) final List<@IntRange(min = 0, max = 39) Integer> script) {
        final KvBlocks kv = new KvBlocks(blockCount);
        final List<Integer> held = new ArrayList<>();
        final Map<Integer, Integer> contents = new HashMap<>();
        for (final int word : script) {
            final int what = word / 10;
            switch (what) {
                case 0 -> {
                    final int block = kv.allocate();
                    assertThat(block >= 0).isEqualTo(new HashSet<>(held).size() < blockCount);
                    if (block >= 0) {
                        assertThat(held).doesNotContain(block);
                        held.add(block);
                        contents.remove(block);
                    }
                }
                case 1 -> {
                    final int block = kv.acquire(key(word));
                    if (block >= 0) {
                        assertThat(contents.get(block)).isEqualTo(word);
                        held.add(block);
                    }
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        final int block = held.get(word % held.size());
                        final boolean free = !contents.containsKey(block);
                        if (free) {
                            kv.publish(key(word - 10), block);
                            if (!contents.containsValue(word - 10)) {
                                contents.put(block, word - 10);
                            }
                        }
                    }
                }
                default -> {
                    if (!held.isEmpty()) {
                        kv.release(held.remove(/* index */ word % held.size()));
                    }
                }
            }
            assertThat(kv.freeCount()).isEqualTo(blockCount - new HashSet<>(held).size());
            contents.keySet().removeIf(block -> kv.holders(block) == 0);
        }
        held.forEach(kv::release);
        assertThat(kv.freeCount()).isEqualTo(blockCount);
        final Set<Integer> all = new HashSet<>();
        for (int i = 0; i < blockCount; i++) {
            all.add(kv.allocate());
        }
        assertThat(all).hasSize(blockCount).doesNotContain(-1);
        assertThat(kv.allocate()).isEqualTo(-1);
        assertThat(kv.cachedCount()).isZero();
    }

    @Test
    void shouldGiveUpTheBlockIdleLongestFirst() {
        final KvBlocks kv = new KvBlocks(3);
        final int a = kv.allocate();
        final int b = kv.allocate();
        final int c = kv.allocate();
        kv.publish(key(1), a);
        kv.publish(key(2), b);
        kv.publish(key(3), c);
        kv.release(b);
        kv.release(a);
        kv.release(c);

        assertThat(kv.acquire(key(2))).isEqualTo(b); // used again: no longer the oldest
        assertThat(kv.allocate()).isEqualTo(a);
        assertThat(kv.allocate()).isEqualTo(c);
        assertThat(kv.allocate()).isEqualTo(-1);
        assertThat(kv.acquire(key(1))).isEqualTo(-1);
    }

    @Test
    void shouldRefuseToReleaseAFreeBlock() {
        final KvBlocks kv = new KvBlocks(1);
        final int block = kv.allocate();
        kv.release(block);
        assertThatThrownBy(() -> kv.release(block)).hasMessageContaining("free already");
    }

    @Test
    void shouldGiveDifferentKeysWheneverContentsMayDiffer() {
        final int[] tokens = {1, 2, 3, 4, 5, 6, 7, 8};
        final BlockKey first = HASHER.child(ROOT, tokens, 0, 4);
        final Set<BlockKey> keys = new HashSet<>(List.of(
                ROOT,
                first,
                HASHER.child(first, tokens, 4, 4),
                HASHER.child(ROOT, tokens, 4, 4),
                HASHER.root(RopeTable.Kind.LONG, "scope"),
                HASHER.root(RopeTable.Kind.SHORT, "scop"),
                new BlockHasher("modelscope", 4).root(RopeTable.Kind.SHORT, ""),
                new BlockHasher("other", 4).root(RopeTable.Kind.SHORT, "scope")));
        assertThat(keys).hasSize(8);
        assertThat(new BlockHasher("model", 4).child(ROOT, tokens, 0, 4)).isEqualTo(first);
    }

    private static BlockKey key(final int word) {
        return HASHER.child(ROOT, new int[] {word}, 0, 1);
    }
}
