package io.cheshire.ops.runtime.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: the version in the jar's manifest, and the JVM. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        final String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"cheshire " + (version == null ? "(not from a jar)" : version), "java " + Runtime.version()
        };
    }
}
