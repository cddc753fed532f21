package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cheshire.http.core.console.ChaosState;
import io.cheshire.http.runtime.console.Laboratory;
import io.cheshire.http.runtime.console.LaboratoryAsk;
import io.cheshire.http.runtime.console.LaboratoryRefused;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A laboratory that does nothing but remember what it was asked; it refuses files that say so. */
final class FakeLaboratory implements Laboratory {
    final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile ChaosState.@Nullable Running running;

    @Override
    public JsonNode catalogue() {
        return JsonNodeFactory.instance.objectNode().put("catalogue", true);
    }

    @Override
    public JsonNode check(final LaboratoryAsk ask) {
        if (ask.file().contains("wrong")) {
            throw new LaboratoryRefused("file:1:1: it is wrong");
        }
        return JsonNodeFactory.instance.objectNode().put("name", ask.file());
    }

    @Override
    public String start(final LaboratoryAsk ask) {
        asked.add("start " + ask.file() + " on " + ask.on() + " seed " + ask.seed());
        if (ask.file().contains("wrong")) {
            throw new LaboratoryRefused("file:1:1: it is wrong");
        }
        running = new ChaosState.Running("1", ask.file(), ask.on(), 5, 9);
        return "1";
    }

    @Override
    public void abort(final String why) {
        asked.add("abort: " + why);
        running = null;
    }

    @Override
    public JsonNode state() {
        return JsonNodeFactory.instance.objectNode().put("state", true);
    }

    @Override
    public @Nullable JsonNode report(final String id) {
        return id.equals("1") ? JsonNodeFactory.instance.objectNode().put("report", id) : null;
    }

    @Override
    public @Nullable String page(final String id) {
        return id.equals("1") ? "<!doctype html><style>p{}</style><p>a report" : null;
    }

    @Override
    public @Nullable JsonNode compare(final String first, final String second) {
        return first.equals("1") && second.equals("1") ? JsonNodeFactory.instance.objectNode() : null;
    }

    @Override
    public ChaosState shown() {
        return new ChaosState(true, running);
    }

    @Override
    public void close() {
        asked.add("close");
    }
}
