package io.cheshire.http.runtime;

import com.typesafe.config.ConfigFactory;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.protocol.BatchRequest;
import io.cheshire.http.runtime.store.FileUpload;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import io.cheshire.http.runtime.store.StoreConfig;
import io.cheshire.settings.SettingReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Batches on a store, without a server: each line is refused, when the test lets it. */
final class BatchBench implements AutoCloseable {
    static final String TENANT = "tenant";
    static final String ENDPOINT = "/v1/completions";

    final AtomicLong nowSeconds = new AtomicLong(System.currentTimeMillis() / 1000);
    /** Lines that were asked. */
    final AtomicInteger asked = new AtomicInteger();
    /** Runs before a line is refused. */
    volatile Before before = () -> {};

    final KeptThings things;
    final BatchLines lines;
    final Batches batches;

    /** May wait. */
    @FunctionalInterface
    interface Before {
        void run() throws InterruptedException;
    }

    BatchBench() {
        this(config -> config);
    }

    BatchBench(final UnaryOperator<StoreConfig> change) {
        final ApiConfig config = SettingReader.read(ConfigFactory.load(), ApiConfig::from);
        final BatchParser parser = new BatchParser(config.limits(), List.of(ENDPOINT));
        things = KeptThings.open(change.apply(config.store()), nowSeconds::get);
        // Nothing is ever generated.
        lines = new BatchLines(null, parser, new BatchCalls(List.of(ENDPOINT), Map.of(ENDPOINT, (_, _) -> {
            asked.incrementAndGet();
            waitFor(before);
            throw ApiException.of(400, "bad_request", "no");
        })));
        batches = new Batches(things, change.apply(config.store()), parser, lines, nowSeconds::get);
    }

    private static void waitFor(final Before before) {
        try {
            before.run();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** So many batches at a time, and so many lines of all of them. */
    static UnaryOperator<StoreConfig> bounds(final int batchesOpen, final int batchRequests) {
        return config -> new StoreConfig(
                config.directory(),
                config.responses(),
                config.responseBytes(),
                config.files(),
                config.fileBytes(),
                config.batchLines(),
                batchesOpen,
                batchRequests,
                config.keptSeconds());
    }

    static String line(final int number) {
        return "{\"custom_id\":\"id-" + number + "\",\"method\":\"POST\",\"url\":\"" + ENDPOINT + "\",\"body\":{}}\n";
    }

    /** A file with such lines. */
    String file(final int count, final String... more) {
        final String id = "file-" + RequestIds.fresh();
        try (FileUpload upload = things.upload(TENANT, id)) {
            upload.add(IntStream.range(0, count)
                    .mapToObj(i -> line(i).getBytes(StandardCharsets.UTF_8))
                    .toList());
            for (final String line : more) {
                upload.add(List.of(line.getBytes(StandardCharsets.UTF_8)));
            }
            upload.finish(
                    Replies.bytes(FileHead.of(id, "a.jsonl", FileHead.BATCH, upload.bytes(), nowSeconds.get(), false)));
        }
        return id;
    }

    /** How a batch of the file stands, which nobody has begun. */
    BatchProgress progress(final String file) {
        final BatchHead head = BatchHead.of(
                new BatchRequest(file, ENDPOINT, "24h", 86_400, null), RequestIds.fresh(), nowSeconds.get());
        for (final String id : List.of(head.outputFile(), head.errorFile())) {
            things.put(
                    Kind.FILE,
                    TENANT,
                    id,
                    Replies.bytes(FileHead.of(id, id, FileHead.BATCH_OUTPUT, 0, nowSeconds.get(), true)));
        }
        return new BatchProgress(TENANT, head, things, nowSeconds::get);
    }

    /** A batch of the file, begun. */
    String batch(final String file) {
        final String body = "{\"input_file_id\":\"" + file + "\",\"endpoint\":\"" + ENDPOINT + "\"}";
        return batches.create(TENANT, body.getBytes(StandardCharsets.UTF_8)).id();
    }

    @Nullable
    BatchHead find(final String id) {
        return batches.find(TENANT, id);
    }

    Status status(final String id) {
        return find(id).status();
    }

    static int count(final BatchHead head, final String which) {
        return head.shown().at("/request_counts/" + which).intValue();
    }

    @Override
    public void close() {
        batches.close();
        things.close();
    }
}
