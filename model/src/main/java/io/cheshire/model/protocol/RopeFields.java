package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The RoPE part of {@code config.json}: {@code rope_theta} and {@code rope_scaling}, or {@code rope_parameters}, which
 * transformers 5 writes for both.
 */
final class RopeFields {
    private final ConfigFields fields;
    private final int headDim;
    private final int maxPositions;
    private final double theta;
    private final @Nullable RopeScaling scaling;

    RopeFields(final ConfigFields fields, final int headDim, final int maxPositions, final double maxTheta) {
        this.fields = fields;
        this.headDim = headDim;
        this.maxPositions = maxPositions;
        if (fields.has("rope_scaling") && fields.has("rope_parameters")) {
            fields.problem("rope_parameters", "and rope_scaling are both given; remove one");
        }
        final ConfigFields parameters = fields.object("rope_parameters");
        final ConfigFields thetaHolder = parameters != null && parameters.has("rope_theta") ? parameters : fields;
        theta = thetaHolder.positive("rope_theta", maxTheta, "it is the base of RoPE (10000 as published)");
        final ConfigFields given = parameters != null ? parameters : fields.object("rope_scaling");
        scaling = given == null ? null : read(given);
    }

    double theta() {
        return theta;
    }

    @Nullable
    RopeScaling scaling() {
        return scaling;
    }

    private @Nullable RopeScaling read(final ConfigFields rope) {
        rope.requireOne("partial_rotary_factor", "all of a head is rotated");
        final String type = type(rope);
        if (type == null || "default".equals(type)) {
            return null;
        }
        if (!"longrope".equals(type) && !"su".equals(type)) {
            rope.problem(
                    "type", "is " + type + "; longrope, its old name su, and plain RoPE (no rope_scaling) are served");
            return null;
        }
        final int original = originalPositions(rope);
        if (contradictsHeadDim(rope)) {
            return null;
        }
        final int pairs = headDim / 2;
        final List<Double> shortFactor = headDim == 0 ? List.of() : rope.factors("short_factor", pairs);
        final List<Double> longFactor = headDim == 0 ? List.of() : rope.factors("long_factor", pairs);
        return new RopeScaling(
                shortFactor,
                longFactor,
                mscale(rope, "short_mscale", original),
                mscale(rope, "long_mscale", original),
                original);
    }

    /** Heads of another width than hidden size over heads, where no field says so: that is one mistake. */
    private boolean contradictsHeadDim(final ConfigFields rope) {
        final JsonNode shorts = rope.find("short_factor");
        final JsonNode longs = rope.find("long_factor");
        if (fields.has("head_dim") || headDim == 0 || shorts == null || longs == null) {
            return false;
        }
        final int factors = shorts.size();
        if (factors == 0 || factors != longs.size() || 2 * factors == headDim) {
            return false;
        }
        fields.problem(
                "head_dim",
                "is missing, and hidden_size / num_attention_heads is " + headDim + ", but rope_scaling has " + factors
                        + " factors, one for each pair of a head of " + 2 * factors + "; state head_dim = "
                        + 2 * factors);
        return true;
    }

    private static @Nullable String type(final ConfigFields rope) {
        final String type = rope.text("type");
        final String newer = rope.text("rope_type");
        if (type == null && newer == null) {
            rope.problem("type", "is missing; longrope is served");
        } else if (type != null && newer != null && !type.equals(newer)) {
            rope.problem("rope_type", "is " + newer + " but type is " + type + "; they must agree");
            return null;
        }
        return type != null ? type : newer;
    }

    /** Published files state it inside, outside, or twice; twice must agree. */
    private int originalPositions(final ConfigFields rope) {
        final String key = "original_max_position_embeddings";
        final JsonNode inside = rope.find(key);
        final JsonNode outside = fields.find(key);
        if (inside == null && outside == null) {
            rope.problem(key, "is missing; it is the longest sequence of the short table (4096 as published)");
            return 0;
        }
        final int in = inside == null ? 0 : rope.integer(key, inside, 2, Integer.MAX_VALUE, 0);
        final int out = outside == null ? 0 : fields.integer(key, outside, 2, Integer.MAX_VALUE, 0);
        if (in > 0 && out > 0 && in != out) {
            rope.problem(key, "is " + in + " but " + key + " is " + out + "; they must agree");
        }
        return in > 0 ? in : out;
    }

    /**
     * Without the key: {@code sqrt(1 + ln(max/original) / ln(original))}, 1 where max does not exceed it (docs/model.md
     * §6.1).
     */
    private double mscale(final ConfigFields rope, final String key, final int original) {
        final JsonNode node = rope.find(key);
        if (node != null) {
            return rope.number(key, node, 1e6);
        }
        if (original == 0 || maxPositions <= original) {
            return 1.0;
        }
        return Math.sqrt(1.0 + StrictMath.log((double) maxPositions / original) / StrictMath.log(original));
    }
}
