package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.ExpectedTensors;
import io.cheshire.model.core.checkpoint.QuantisedTensors;
import io.cheshire.model.core.checkpoint.ShardPlan;
import io.cheshire.model.core.checkpoint.TensorNames;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.StoredGroups;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.Tensors;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.core.kernel.WeightGroups;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.protocol.StoredQuantisation;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a checkpoint whose experts, projections and head are quantised, row by row from another one (docs/model.md
 * §2.6). What is read beside the weights is copied, and a manifest written.
 */
public final class CheckpointQuantiser {
    private final Map<String, TensorView> sources = new HashMap<>();
    private final Quantisation experts;

    private CheckpointQuantiser(final Checkpoint from, final Quantisation experts) {
        this.experts = experts;
        collect(from.routerWeights());
        final ModelConfig config = from.config();
        for (int i = 0; i < config.unitCount(); i++) {
            collect(from.unit(ExpertKey.ofUnitIndex(i, config.expertCount())));
        }
    }

    /**
     * Writes {@code to}.
     *
     * @param experts how experts are quantised; projections and head are in eight bits
     * @return bytes of the weights written
     * @throws ModelException if {@code from} is quantised already, or {@code to} can't be written
     */
    public static long write(
            final Checkpoint from,
            final Quantisation experts,
            final Path to,
            final long shardBytes,
            final Progress progress) {
        if (from.quantised() != null) {
            throw new ModelException(
                    from.directory() + " cannot be quantised",
                    List.of("its weights are quantised already: start from the published checkpoint"));
        }
        final CheckpointQuantiser quantiser = new CheckpointQuantiser(from, experts);
        final ShardPlan plan = ShardPlan.of(
                QuantisedTensors.of(ExpectedTensors.of(from.config(), CheckpointLayout.HUB), experts),
                tensor -> quantiser.dtype(tensor.name()),
                shardBytes);
        from.whileUnchanged(() -> {
            CheckpointWriter.write(to, quantiser.files(from.modelDirectory()), plan, quantiser::fill, progress);
            return to;
        });
        CheckpointWriter.writeManifest(to, progress);
        return plan.dataBytes();
    }

    private SortedMap<String, byte[]> files(final ModelDirectory from) {
        final SortedMap<String, byte[]> files = new TreeMap<>();
        for (final ModelFile file : ModelFile.values()) {
            final byte[] bytes = file == ModelFile.INDEX ? null : from.read(file);
            if (bytes != null) {
                files.put(file.fileName(), bytes);
            }
        }
        final String config = ModelFile.CONFIG.fileName();
        files.put(config, StoredQuantisation.addTo(from.require(ModelFile.CONFIG), config, experts));
        return files;
    }

    private void collect(final UnitWeights unit) {
        final int layer = unit.key().layer();
        final int expert = unit.key().expert();
        sources.put(TensorNames.expert(layer, expert, "w1"), unit.w1());
        sources.put(TensorNames.expert(layer, expert, "w2"), unit.w2());
        sources.put(TensorNames.expert(layer, expert, "w3"), unit.w3());
    }

    private void collect(final RouterWeights router) {
        router.tensors().forEach(tensor -> sources.put(tensor.name(), tensor));
        for (int n = 0; n < router.layers().size(); n++) {
            router.layers().get(n).tensors().forEach(tensor -> sources.put(tensor.name(), tensor));
            sources.put(
                    TensorNames.gate(CheckpointLayout.HUB, n),
                    router.layers().get(n).gate());
        }
    }

    private Dtype dtype(final String name) {
        if (isScales(name)) {
            return Dtype.BF16;
        }
        final Quantisation how = QuantisedTensors.how(name, experts);
        return how == null ? source(name).dtype() : QuantisedTensors.dtype(how);
    }

    private boolean isScales(final String name) {
        return !sources.containsKey(name);
    }

    private TensorView source(final String name) {
        return Objects.requireNonNull(sources.get(name), name);
    }

    private void fill(final TensorEntry tensor, final long offset, final ByteBuffer into) {
        final boolean scales = isScales(tensor.name());
        final String matrixName = scales ? QuantisedTensors.matrix(tensor.name()) : tensor.name();
        final Quantisation how = QuantisedTensors.how(matrixName, experts);
        if (how == null) {
            into.put(source(tensor.name())
                    .data()
                    .asSlice(offset, into.remaining())
                    .asByteBuffer());
            return;
        }
        fillRows(source(matrixName), how, scales, tensor, offset, into);
    }

    /** Whole rows are quantised, and those bytes of them written that were asked for. */
    private static void fillRows(
            final TensorView matrix,
            final Quantisation how,
            final boolean scales,
            final TensorEntry tensor,
            final long offset,
            final ByteBuffer into) {
        final int inputs = Math.toIntExact(matrix.shape().getLast());
        final int rowBytes = Math.toIntExact(tensor.byteCount() / tensor.shape().getFirst());
        final float[] numbers = new float[inputs];
        final byte[] q = new byte[inputs];
        final short[] scale = new short[how.groups(inputs)];
        final byte[] stored = new byte[rowBytes];
        int skip = (int) (offset % rowBytes);
        for (long row = offset / rowBytes; into.hasRemaining(); row++) {
            Tensors.readRow(matrix, row, numbers);
            WeightGroups.quantise(numbers, 0, inputs, how, q, scale);
            if (scales) {
                ByteBuffer.wrap(stored)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer()
                        .put(scale);
            } else {
                StoredGroups.writeRow(q, inputs, QuantisedTensors.dtype(how), stored, 0);
            }
            final int count = Math.min(rowBytes - skip, into.remaining());
            into.put(stored, skip, count);
            skip = 0;
        }
    }
}
