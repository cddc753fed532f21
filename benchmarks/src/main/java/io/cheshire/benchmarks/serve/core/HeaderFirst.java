package io.cheshire.benchmarks.serve.core;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;

/** A line that was read already, and the rest. */
final class HeaderFirst extends Reader {
    private final Reader header;
    private final Reader rest;
    private boolean inHeader = true;

    HeaderFirst(final String header, final Reader rest) {
        this.header = new StringReader(header + "\n");
        this.rest = rest;
    }

    @Override
    public int read(final char[] into, final int offset, final int length) throws IOException {
        if (inHeader) {
            final int got = header.read(into, offset, length);
            if (got >= 0) {
                return got;
            }
            inHeader = false;
        }
        return rest.read(into, offset, length);
    }

    @Override
    public void close() throws IOException {
        rest.close();
    }
}
