package io.cheshire.model.protocol.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StrictJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code model.safetensors.index.json}: which file holds which tensor (docs/model.md §2.4). File names are as written;
 * whether one may be opened is decided where files are opened.
 *
 * @param fileOf tensor name → file name
 */
public record ShardIndex(Map<String, String> fileOf) {
    /** Name of the index in a model directory. */
    public static final String FILE_NAME = "model.safetensors.index.json";

    /** Longest index read, 16 MiB; that of Phi-3.5-MoE has about 200 KiB. */
    public static final int MAX_INDEX_BYTES = 16 << 20;

    private static final int MAX_SHARDS = 4_096;

    public ShardIndex {
        fileOf = Map.copyOf(fileOf);
    }

    /**
     * Parses an index of at most {@link #MAX_INDEX_BYTES}.
     *
     * @throws ModelException if it isn't one
     */
    public static ShardIndex parse(final byte[] json) {
        final ObjectNode root = StrictJson.readObject(json, FILE_NAME);
        final JsonNode map = root.get("weight_map");
        if (map == null || !map.isObject() || map.isEmpty()) {
            throw refused("weight_map must be an object that names a file for every tensor");
        }
        final Map<String, String> fileOf = LinkedHashMap.newLinkedHashMap(map.size());
        map.properties().forEach(entry -> {
            if (!entry.getValue().isTextual()) {
                throw refused("weight_map." + entry.getKey() + " is " + entry.getValue() + "; it must be a file name");
            }
            fileOf.put(entry.getKey(), entry.getValue().textValue());
        });
        final ShardIndex index = new ShardIndex(fileOf);
        if (index.files().size() > MAX_SHARDS) {
            throw refused("weight_map names " + index.files().size() + " files; at most " + MAX_SHARDS + " are opened");
        }
        return index;
    }

    /** The index of files that hold these tensors, as JSON. */
    public static String toJson(final Map<String, String> fileOf, final long totalBytes) {
        final ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("metadata").put("total_size", totalBytes);
        final ObjectNode map = json.putObject("weight_map");
        new TreeMap<>(fileOf).forEach(map::put);
        return json.toPrettyString();
    }

    /** The files named, sorted. */
    public SequencedSet<String> files() {
        return new TreeSet<>(fileOf.values());
    }

    private static ModelException refused(final String why) {
        return new ModelException(FILE_NAME + " was refused", List.of(why + "; download the file again"));
    }
}
