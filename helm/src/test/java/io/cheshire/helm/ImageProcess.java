package io.cheshire.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Processes of the image without a container runtime. Where tests run as root each gets a root of its own, in a mount
 * namespace of its own: this host's Java and its libraries, the image's files, one folder of settings, all of it
 * read-only; {@code /tmp} and {@code /dev/shm} in memory; and user 65532 without any right. Elsewhere it is a plain
 * process on the same files, which shows neither the read-only root nor the other user.
 *
 * @param directory where this process has its files
 * @param shmMib    size of {@code /dev/shm}
 */
record ImageProcess(Path directory, int shmMib) {
    private static final String USER = "65532:65532";
    private static final String SETTINGS = "/etc/cheshire";

    /** {@code $1} the new root, {@code $2} the image's files, {@code $3} settings, {@code $4} MiB of shared memory. */
    private static final String ROOT = """
            set -eu
            root=$1 image=$2 settings=$3 shm=$4 java=$5
            shift 5
            mount -t tmpfs -o mode=755,size=1m root "$root"
            for one in usr bin lib lib64 opt; do
              if [ -L "/$one" ]; then cp -P "/$one" "$root/$one"
              elif [ -d "/$one" ]; then
                mkdir "$root/$one"
                mount --bind "/$one" "$root/$one"
                mount -o remount,bind,ro "$root/$one"
              fi
            done
            mkdir -p "$root/app" "$root/etc/cheshire" "$root/proc" "$root/sys" "$root/dev/shm" "$root/tmp" "$root/$java"
            case "$java" in /usr/*|/opt/*) ;; *) mount --bind "$java" "$root/$java" ;; esac
            for one in /etc/java-* /etc/nsswitch.conf /etc/hosts; do
              [ ! -e "$one" ] || cp -r "$one" "$root/etc/"
            done
            cp -r "$settings/." "$root/etc/cheshire/"
            chmod -R a+rX "$root/etc"
            mount --bind "$image/app" "$root/app"
            mount -o remount,bind,ro "$root/app"
            mount --rbind /proc "$root/proc"
            mount --rbind /sys "$root/sys"
            for one in null zero random urandom; do
              : > "$root/dev/$one"
              mount --bind "/dev/$one" "$root/dev/$one"
            done
            mount -t tmpfs -o "mode=1777,size=${shm}m" shm "$root/dev/shm"
            mount -t tmpfs -o mode=1777,size=1g tmp "$root/tmp"
            mount -o remount,ro "$root"
            exec chroot --userspec=%s "$root" "$@"
            """.formatted(USER);

    /** Whether this host lets a process have a root of its own. */
    static boolean hasOwnRoot() {
        try {
            final Process tried = new ProcessBuilder(
                            "unshare",
                            "-m",
                            "sh",
                            "-c",
                            "[ $(id -u) = 0 ] && mount -t tmpfs none /mnt && chroot --userspec=" + USER + " / true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(10, TimeUnit.SECONDS) && tried.exitValue() == 0;
        } catch (final IOException absent) {
            return false;
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Folder of the settings, which the process sees as {@code /etc/cheshire}. */
    Path settings() throws IOException {
        return Files.createDirectories(directory.resolve("settings"));
    }

    /** What it wrote. */
    Path log() {
        return directory.resolve("log");
    }

    /**
     * Starts the image with these arguments.
     *
     * @param environment over the image's own
     */
    Process start(final List<String> arguments, final Map<String, String> environment) throws IOException {
        final boolean ownRoot = hasOwnRoot();
        final List<String> command = new ArrayList<>(ImageTree.entrypoint());
        command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        final Map<String, String> variables = new HashMap<>(ImageTree.environment());
        variables.putAll(environment);
        final ProcessBuilder builder = new ProcessBuilder(ownRoot ? rooted(command) : onThisRoot(command))
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("J") || name.startsWith("CHESHIRE"));
        variables.forEach((name, value) -> builder.environment().put(name, ownRoot ? value : here(value)));
        return builder.start();
    }

    private List<String> rooted(final List<String> command) throws IOException {
        final List<String> whole = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                ROOT,
                "sh",
                Files.createDirectories(directory.resolve("root")).toString(),
                ImageTree.root().toString(),
                settings().toString(),
                Integer.toString(shmMib),
                System.getProperty("java.home")));
        whole.addAll(command);
        return whole;
    }

    private List<String> onThisRoot(final List<String> command) throws IOException {
        final Path classPath = directory.resolve("classpath");
        Files.writeString(classPath, here(Files.readString(ImageTree.root().resolve("app/classpath"))));
        final List<String> here = new ArrayList<>();
        command.forEach(argument -> here.add(argument.equals("@/app/classpath") ? "@" + classPath : here(argument)));
        return here;
    }

    /** The same with the places that these files have on this host. */
    private String here(final String text) {
        return text.replace("/app/", ImageTree.root() + "/app/")
                .replaceAll("=/app$", "=" + ImageTree.root() + "/app")
                .replace(SETTINGS, directory.resolve("settings").toString());
    }
}
