package io.cheshire.ops.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One process of a local cluster as its launcher knows it: what {@code --state-file} says of it.
 *
 * @param name       unique, such as {@code expert-node-3}
 * @param role       its subcommand
 * @param id         number among those of its role
 * @param pid        of its latest start
 * @param running    whether that one runs
 * @param exitStatus of that one; null while it runs
 * @param starts     how often it was started
 * @param ports      where it listens, by name ({@code control}, {@code data}, {@code http}, {@code ops}), as far as
 *                   they were given: what takes a free port by itself isn't known here
 * @param log        its log file
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LocalProcess(
        String name,
        String role,
        int id,
        long pid,
        boolean running,
        @Nullable Integer exitStatus,
        int starts,
        Map<String, Integer> ports,
        String log) {
    private static final Pattern CHANNEL = Pattern.compile("aeron:udp\\?endpoint=.*:(\\d{1,5})");
    private static final Map<String, String> PORT_FLAGS =
            Map.of("--cluster-port", "control", "--port", "http", "--ops-port", "ops");
    private static final String OPS_PORT = "-Dcheshire.ops.port=";

    public LocalProcess {
        ports = Collections.unmodifiableMap(new TreeMap<>(ports));
    }

    /** Ports that the arguments of a process give; of several the last counts, as on its command line. */
    public static Map<String, Integer> portsIn(final List<String> arguments) {
        final Map<String, Integer> ports = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            final String flag = arguments.get(i);
            final String value = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            final Matcher channel = CHANNEL.matcher(value);
            if (PORT_FLAGS.containsKey(flag)) {
                ports.put(PORT_FLAGS.getOrDefault(flag, flag), Integer.parseInt(value));
            } else if (flag.equals("--channel") && channel.matches()) {
                ports.put("data", Integer.parseInt(channel.group(1)));
            } else if (flag.startsWith(OPS_PORT)) {
                ports.put("ops", Integer.parseInt(flag.substring(OPS_PORT.length())));
            }
        }
        ports.values().removeIf(port -> port == 0);
        return ports;
    }

    /** The number that the arguments of an expert node give; the only one of its role else. */
    public static int idIn(final List<String> arguments) {
        final int flag = arguments.lastIndexOf("--node-id");
        return flag < 0 ? 0 : Integer.parseInt(arguments.get(flag + 1));
    }
}
