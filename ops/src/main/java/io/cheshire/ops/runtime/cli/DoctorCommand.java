package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.ops.core.doctor.Examination;
import io.cheshire.ops.core.doctor.Finding;
import io.cheshire.ops.runtime.doctor.Doctor;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire doctor}: what this host can do for a configuration, and what to mend. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Says what this host can do for the settings that are given, and what to mend; takes a few seconds,"
                        + " and exit status 1 if something keeps a start from working.")
final class DoctorCommand implements Callable<Integer> {
    private static final String SCHEMA = "cheshire-doctor/1";

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(names = "--json", description = "For machines.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        final Examination examination = Doctor.examine(server::settings, server.model());
        System.out.print(json ? json(examination) : examination.text());
        return examination.severity() == Finding.Severity.FAIL ? 1 : 0;
    }

    static String json(final Examination examination) throws JsonProcessingException {
        final ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        final ObjectNode root =
                mapper.createObjectNode().put("schema", SCHEMA).put("status", word(examination.severity()));
        final ArrayNode checks = root.putArray("checks");
        for (final Finding finding : examination.findings()) {
            checks.addObject()
                    .put("check", finding.check())
                    .put("status", word(finding.severity()))
                    .put("found", finding.found())
                    .put("remedy", finding.remedy());
        }
        return mapper.writeValueAsString(root) + "\n";
    }

    private static String word(final Finding.Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }
}
