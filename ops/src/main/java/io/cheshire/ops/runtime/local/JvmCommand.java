package io.cheshire.ops.runtime.local;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How this JVM was started, so that a child can be started alike: the same java, flags and class path, other memory.
 *
 * @param java      the java executable
 * @param flags     flags to pass on
 * @param classPath class path to pass on
 */
record JvmCommand(Path java, List<String> flags, String classPath) {
    private static final String MAIN_CLASS = "io.cheshire.ops.runtime.cli.Main";

    JvmCommand {
        flags = List.copyOf(flags);
    }

    /** Of the running JVM. Agents and debuggers are not passed on: two JVMs can't share their ports. */
    static JvmCommand current() {
        final List<String> flags = new ArrayList<>();
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-agentlib")
                    && !flag.startsWith("-javaagent")
                    && !flag.startsWith("-Xmx")
                    && !flag.startsWith("-Xms")
                    && !flag.startsWith("-XX:+Use")) {
                flags.add(flag);
            }
        }
        return new JvmCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"), flags, System.getProperty("java.class.path"));
    }

    /** Everything before the subcommand. */
    List<String> prefix(final List<String> moreFlags) {
        final List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(flags);
        command.addAll(moreFlags);
        command.add("-cp");
        command.add(classPath);
        command.add(MAIN_CLASS);
        return command;
    }
}
