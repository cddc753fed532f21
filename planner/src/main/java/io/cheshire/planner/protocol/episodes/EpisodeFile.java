package io.cheshire.planner.protocol.episodes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.planner.protocol.plan.PlanRefused;
import java.util.List;

/** {@code episodes.json}: what failures of each kind cost. An unknown or missing field is refused. */
public final class EpisodeFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private EpisodeFile() {}

    /** As text; the same episodes give the same bytes. */
    public static String write(final List<Episode> episodes) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(episodes) + "\n";
        } catch (final JsonProcessingException impossible) {
            throw new IllegalStateException("records of numbers can be written", impossible);
        }
    }

    /**
     * Reads.
     *
     * @param source what to call it in errors
     * @throws PlanRefused it is none, or has no episode
     */
    public static List<Episode> read(final String json, final String source) {
        final List<Episode> episodes;
        try {
            episodes = JSON.readValue(json, new TypeReference<List<Episode>>() {});
        } catch (final JsonProcessingException wrong) {
            throw new PlanRefused(List.of(source + " is no episodes.json: " + wrong.getOriginalMessage()
                    + "; make one: ./cheshire plan episodes"));
        }
        if (episodes.isEmpty()) {
            throw new PlanRefused(List.of(source + " has no episode: make some, ./cheshire plan episodes"));
        }
        return List.copyOf(episodes);
    }
}
