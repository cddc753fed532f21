package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.core.PlacementMachine;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ScanPolicy;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas of every unit, from files that differ in one bit. */
class OneBitReplicasTest {
    private static final int OFFSETS = 200;
    private static final long SEED = Long.getLong("cheshire.seed", System.currentTimeMillis());
    private static final SynthShape SHAPE = new SynthShape(64, 96, 2, 4, 2, 16, 4, 200, 160, 64);
    private static final int EXPERTS = 4;
    /** What can be told without reading all is not what is tried here. */
    private static final CheckpointOptions OPTIONS =
            CheckpointOptions.DEFAULT.withScan(ScanPolicy.OFF).withFingerprint(FingerprintMode.SAMPLED);

    @Test
    void shouldRefuseTheSecondOfTwoReplicasThatDifferInOneBitAtAnyOf200RandomOffsets(@TempDir final Path directory)
            throws IOException {
        System.out.println("one bit off: seed " + SEED);
        Synth.write(directory, SHAPE.toConfig(), Synth.Options.ofSeed(1));
        final Path file = directory.resolve("model.safetensors");
        final long fileBytes = Files.size(file);
        final List<HeldUnit> right = read(directory);
        final SplittableRandom random = new SplittableRandom(SEED);
        int refused = 0;
        while (refused < OFFSETS) {
            final long offset = random.nextLong(fileBytes / 8, fileBytes);
            final int bit = random.nextInt(8);
            flip(file, offset, bit);
            final List<HeldUnit> other = read(directory);
            flip(file, offset, bit);
            if (other.equals(right)) {
                continue; // no expert's byte: another test's
            }
            final String where = "bit " + bit + " of byte " + offset + ", seed " + SEED;
            final PlacementState state = twoNodes(right, other);
            for (int i = 0; i < right.size(); i++) {
                final ExpertKey key = right.get(i).key();
                final boolean same = right.get(i).equals(other.get(i));
                assertThat(state.placement().nodesOf(key))
                        .as("holders of %s, %s", key, where)
                        .isEqualTo(same ? List.of(0, 1) : List.of(0));
            }
            assertThat(state.sameness().unitsRefused()).as(where).isEqualTo(1);
            refused++;
        }
        assertThat(read(directory)).isEqualTo(right);
    }

    /** What a coordinator publishes when the second node comes with what it has read. */
    private static PlacementState twoNodes(final List<HeldUnit> first, final List<HeldUnit> second) {
        final PlacementMachine machine = new PlacementMachine(SettingReader.read(
                        ConfigFactory.parseString("cheshire.coordinator { expected-nodes = 1, replicas = 2 }")
                                .withFallback(ConfigFactory.load()),
                        CoordinatorConfig::from)
                .rules(new PlacedModel("f00d", first.size() / EXPERTS, EXPERTS), 1));
        PlacementState state = machine.initial(0);
        state = machine.step(state, hello(0, first), 1).state();
        state = machine.step(state, hello(1, second), 2).state();
        return machine.step(state, new PlacementEvent.Tick(), 3).state();
    }

    private static PlacementEvent hello(final int nodeId, final List<HeldUnit> held) {
        return new PlacementEvent.NodeRegistered(new NodeHello(
                "cheshire",
                "f00d",
                new NodeEndpoint(nodeId, 100 + nodeId, "aeron:ipc", nodeId),
                1L << 40,
                1,
                0,
                0,
                held,
                ""));
    }

    /** All units, as a node reads them that loads them. */
    private static List<HeldUnit> read(final Path directory) {
        final List<HeldUnit> units = new ArrayList<>();
        try (Checkpoint checkpoint = Checkpoint.open(directory, OPTIONS)) {
            for (int unit = 0; unit < checkpoint.config().layerCount() * EXPERTS; unit++) {
                final ExpertKey key = ExpertKey.ofUnitIndex(unit, EXPERTS);
                units.add(new HeldUnit(key, checkpoint.digestedUnit(key).sha256()));
            }
        }
        return units;
    }

    private static void flip(final Path file, final long offset, final int bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ (1 << bit)));
            channel.write(one.rewind(), offset);
        }
    }
}
