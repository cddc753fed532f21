package io.cheshire.ops.runtime.doctor;

import java.util.ArrayList;
import java.util.List;

/** Limits of this process's control groups, the tightest of those that it is in; version 2, else 1. */
final class ControlGroup {
    private static final String ROOT = "sys/fs/cgroup";
    /** Version 1 writes "no limit" as a number near the largest. */
    private static final long NO_LIMIT = 1L << 60;

    private final SystemFiles files;
    private final List<String> folders = new ArrayList<>();

    ControlGroup(final SystemFiles files) {
        this.files = files;
        String path = "";
        for (final String line : files.text("proc/self/cgroup").split("\n", -1)) {
            if (line.startsWith("0::")) {
                path = line.substring("0::".length());
            }
        }
        // In a container the path may be one that only the host sees: then the root is the container's own group.
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            folders.add(ROOT + path.substring(0, end));
        }
        folders.add(ROOT);
    }

    /** Cores; 0: no limit. */
    double quota() {
        double least = 0;
        for (final String folder : folders) {
            final String[] words = files.text(folder + "/cpu.max").split("\\s+", -1);
            if (words.length == 2 && words[0].matches("\\d{1,15}") && words[1].matches("[1-9]\\d{0,14}")) {
                least = lower(least, Double.parseDouble(words[0]) / Double.parseDouble(words[1]));
            }
        }
        final long quotaUs = files.number(ROOT + "/cpu/cpu.cfs_quota_us", 0);
        final long periodUs = files.number(ROOT + "/cpu/cpu.cfs_period_us", 0);
        return quotaUs > 0 && periodUs > 0 ? lower(least, (double) quotaUs / periodUs) : least;
    }

    private static double lower(final double least, final double found) {
        return least == 0 ? found : Math.min(least, found);
    }

    /** Periods of the limit so far. */
    long periods() {
        return statistic("nr_periods");
    }

    /** Those in which it ran out. */
    long throttled() {
        return statistic("nr_throttled");
    }

    private long statistic(final String name) {
        long most = files.number(ROOT + "/cpu/cpu.stat", name + " ", 0);
        for (final String folder : folders) {
            most = Math.max(most, files.number(folder + "/cpu.stat", name + " ", 0));
        }
        return most;
    }

    /** Bytes of memory; 0: no limit. */
    long memoryLimit() {
        long least = 0;
        for (final String folder : folders) {
            final long limit = files.number(folder + "/memory.max", 0);
            least = limit > 0 && (least == 0 || limit < least) ? limit : least;
        }
        final long old = files.number(ROOT + "/memory/memory.limit_in_bytes", 0);
        return old > 0 && old < NO_LIMIT && (least == 0 || old < least) ? old : least;
    }

    /** Bytes of it that are used and couldn't be given back: files in the page cache could. */
    long memoryUsed() {
        for (final String folder : folders) {
            if (files.number(folder + "/memory.max", 0) == memoryLimit()) {
                final long used = files.number(folder + "/memory.current", 0);
                return Math.max(0, used - files.number(folder + "/memory.stat", "inactive_file ", 0));
            }
        }
        return files.number(ROOT + "/memory/memory.usage_in_bytes", 0);
    }
}
