package io.cheshire.benchmarks.micro.roundtrip;

import com.typesafe.config.Config;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.IdleStrategies;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import org.agrona.concurrent.AgentRunner;

/**
 * The two nodes in a JVM of their own, on the media driver of the one that started them; ends with its standard input.
 */
final class NodeProcess implements AutoCloseable {
    private static final String UP = "endpoint ";

    private final Process process;
    private final List<NodeEndpoint> endpoints;

    private NodeProcess(final Process process, final List<NodeEndpoint> endpoints) {
        this.process = process;
        this.endpoints = endpoints;
    }

    /** Starts the JVM with the options of this one, and waits until its nodes hold their units. */
    static NodeProcess start(final String driverDirectory, final String channel, final int hidden) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib") && !argument.startsWith("-javaagent"))
                .toList());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                NodeProcess.class.getName(),
                driverDirectory,
                channel,
                Integer.toString(hidden)));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final List<NodeEndpoint> endpoints = new ArrayList<>();
        final Scanner lines = new Scanner(process.getInputStream(), StandardCharsets.UTF_8);
        while (endpoints.size() < NodeHost.NODES) {
            if (!lines.hasNextLine()) {
                process.destroy();
                throw new IllegalStateException("the process with the nodes ended before they were up");
            }
            final String line = lines.nextLine();
            if (line.startsWith(UP)) {
                endpoints.add(parse(line.substring(UP.length())));
            }
        }
        return new NodeProcess(process, endpoints);
    }

    private static NodeEndpoint parse(final String line) {
        final String[] fields = line.split(" ", -1);
        return new NodeEndpoint(
                Integer.parseInt(fields[0]), Long.parseLong(fields[1]), fields[2], Integer.parseInt(fields[3]));
    }

    List<NodeEndpoint> endpoints() {
        return endpoints;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final IOException gone) {
            process.destroyForcibly();
        } catch (final InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** In the new JVM: directory of the media driver, channel, width of a row. */
    public static void main(final String[] arguments) throws IOException {
        final Config config = NodeHost.config("external", arguments[0]);
        final TransportConfig transport = SettingReader.read(config, TransportConfig::from);
        try (DataPlane dataPlane = DataPlane.launch(transport)) {
            final NodeHost host = new NodeHost(dataPlane, config, arguments[1], Integer.parseInt(arguments[2]));
            final var loads = host.load();
            try (AgentRunner runner =
                    new AgentRunner(IdleStrategies.of(transport.idle()), NodeProcess::report, null, host)) {
                AgentRunner.startOnThread(runner);
                loads.forEach(load -> load.join());
                host.endpoints()
                        .forEach(endpoint -> System.out.println(UP + endpoint.nodeId() + " " + endpoint.incarnation()
                                + " " + endpoint.channel() + " " + endpoint.streamId()));
                awaitEndOf(System.in);
            }
        }
    }

    private static void report(final Throwable cause) {
        cause.printStackTrace(System.err);
    }

    private static void awaitEndOf(final InputStream input) throws IOException {
        while (input.read() >= 0) {
            // whatever comes means nothing
        }
    }
}
