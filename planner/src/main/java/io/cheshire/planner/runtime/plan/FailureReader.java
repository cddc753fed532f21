package io.cheshire.planner.runtime.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.planner.core.failure.FailurePresets;
import io.cheshire.planner.protocol.episodes.Episode;
import io.cheshire.planner.protocol.episodes.EpisodeFile;
import io.cheshire.planner.protocol.plan.FailureRates;
import io.cheshire.planner.protocol.plan.FailureRates.EpisodeTimes;
import io.cheshire.planner.protocol.plan.FailureRates.Failure;
import io.cheshire.planner.protocol.plan.FailureRates.Repair;
import io.cheshire.planner.protocol.plan.FailureRates.RollingUpdate;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.Strike;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code plan.failures}. */
final class FailureReader {
    private static final double MOST_SECONDS = 1e10;
    private static final double P90 = 0.9;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PlanSection failures;
    private final Path base;

    FailureReader(final PlanSection failures, final Path base) {
        this.failures = failures;
        this.base = base;
    }

    FailureRates rates() {
        final Map<String, FailurePresets> presets = new LinkedHashMap<>();
        for (final FailurePresets each : FailurePresets.values()) {
            presets.put(each.id(), each);
        }
        final String named = failures.word("preset", FailurePresets.RSC_1.id(), List.copyOf(presets.keySet()));
        final FailureRates preset =
                presets.getOrDefault(named, FailurePresets.RSC_1).rates();
        final boolean own = failures.has("gpu") || failures.has("process") || failures.has("rack");
        return new FailureRates(
                failure("gpu", preset.device()),
                failure("process", preset.process()),
                failure("rack", preset.rack()),
                update(preset.update()),
                episode(preset.episode()),
                own ? "the plan's own rates, else " + preset.source() : preset.source());
    }

    private Failure failure(final String key, final Failure otherwise) {
        if (!failures.has(key)) {
            return otherwise;
        }
        final PlanSection section = failures.section(key);
        final double mtbf = section.seconds("mtbf", otherwise.mtbfHours() * 3_600, MOST_SECONDS) / 3_600;
        if (mtbf == 0) {
            section.refuse("mtbf", "must be more than 0: something that always fails can't be planned for");
            return otherwise;
        }
        if (!section.has("mttr")) {
            return new Failure(mtbf, otherwise.repairs());
        }
        if (!section.isSection("mttr")) {
            return new Failure(mtbf, List.of(new Repair("all", 1, section.seconds("mttr", 0, MOST_SECONDS) / 3_600)));
        }
        final List<Repair> repairs = new ArrayList<>();
        final PlanSection kinds = section.section("mttr");
        for (final String kind : List.of("soft", "medium", "hard")) {
            if (kinds.has(kind)) {
                repairs.add(kinds.parsed(
                        kind,
                        "must be a duration and its share, such as 12h@0.2",
                        text -> repair(kind, text),
                        new Repair(kind, 0, 0)));
            }
        }
        final double shares = repairs.stream().mapToDouble(Repair::share).sum();
        if (Math.abs(shares - 1) > 0.001) {
            section.refuse("mttr", "the shares add up to " + shares + "; they must add up to 1");
        }
        return new Failure(mtbf, repairs);
    }

    private static Repair repair(final String kind, final String text) {
        final String[] parts = text.split("@", -1);
        final double share = parts.length == 2 ? Double.parseDouble(parts[1]) : -1;
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(text);
        }
        return new Repair(kind, share, PlanSection.duration(parts[0]).toNanos() / 3.6e12);
    }

    private RollingUpdate update(final RollingUpdate otherwise) {
        if (!failures.has("rolling-update")) {
            return otherwise;
        }
        final PlanSection update = failures.section("rolling-update");
        update.counts("max-unavailable", List.of(1), 1, 1);
        return new RollingUpdate(
                update.seconds("every", 168 * 3_600.0, MOST_SECONDS) / 3_600,
                update.seconds("node-away", 180, MOST_SECONDS) / 60);
    }

    private EpisodeTimes episode(final EpisodeTimes otherwise) {
        final String pattern = failures.textOrNull("from-chaos-reports");
        final String episodes = failures.textOrNull("from-episodes");
        if (pattern != null && episodes != null) {
            failures.refuse("from-episodes", "stands beside from-chaos-reports: take one of them");
        }
        final EpisodeTimes played = episodes == null ? otherwise : fromEpisodes(episodes, otherwise);
        final EpisodeTimes measured = pattern == null ? played : fromReports(pattern, otherwise);
        final boolean own = failures.has("gap") || failures.has("restore");
        return new EpisodeTimes(
                failures.seconds("gap", measured.gapSeconds(), 86_400),
                failures.seconds("restore", measured.restoreSeconds(), 86_400),
                own ? "the plan's own times" : measured.source());
    }

    /** Of a node that is killed: what nine of ten plays don't exceed. */
    private EpisodeTimes fromEpisodes(final String name, final EpisodeTimes otherwise) {
        try {
            final List<Episode> all = EpisodeFile.read(Files.readString(base.resolve(name)), name);
            for (final Episode episode : all) {
                if (episode.kind() == Strike.Kind.KILL) {
                    return new EpisodeTimes(
                            at(episode.gapNs(), P90) / 1e9,
                            at(episode.wholeNs(), P90) / 1e9,
                            episode.plays() + " plays of a killed node (" + episode.source()
                                    + "): gap and way back that nine of ten don't exceed");
                }
            }
            failures.refuse("from-episodes", name + " has no KILL: make one, ./cheshire plan episodes");
        } catch (final PlanRefused wrong) {
            failures.refuse("from-episodes", String.valueOf(wrong.getMessage()));
        } catch (final IOException wrong) {
            failures.refuse("from-episodes", "can't be read: " + wrong.getMessage());
        }
        return otherwise;
    }

    private static double at(final Quantiles quantiles, final double probability) {
        int i = 0;
        while (i < quantiles.probabilities().size() - 1
                && quantiles.probabilities().get(i) < probability) {
            i++;
        }
        return quantiles.ns().get(i);
    }

    /** The longest gap of any report beyond its run without faults, and the longest way back. */
    private EpisodeTimes fromReports(final String pattern, final EpisodeTimes otherwise) {
        final Path file = base.resolve(pattern).toAbsolutePath();
        final Path folder = file.getParent();
        int reports = 0;
        double gapMs = 0;
        double wholeMs = 0;
        if (folder != null && Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, String.valueOf(file.getFileName()))) {
                for (final Path each : found) {
                    final JsonNode figures =
                            JSON.readTree(Files.readString(each)).path("figures");
                    if (figures.has("longest_gap_ms")) {
                        reports++;
                        gapMs = Math.max(gapMs, figures.path("longest_gap_ms").asDouble());
                        wholeMs =
                                Math.max(wholeMs, figures.path("whole_again_ms").asDouble(0));
                    }
                }
            } catch (final JsonProcessingException wrong) {
                failures.refuse("from-chaos-reports", "one of them is no JSON: " + wrong.getOriginalMessage());
            } catch (final IOException wrong) {
                failures.refuse("from-chaos-reports", "can't be read: " + wrong.getMessage());
            }
        }
        if (reports == 0) {
            failures.refuse(
                    "from-chaos-reports",
                    "names no report of chaos run (JSON with figures.longest_gap_ms): give such as reports/*.json");
            return otherwise;
        }
        return new EpisodeTimes(
                gapMs / 1e3,
                wholeMs > 0 ? wholeMs / 1e3 : otherwise.restoreSeconds(),
                reports + " chaos reports: longest gap, longest way back");
    }
}
