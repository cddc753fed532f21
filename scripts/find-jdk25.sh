# Sourced by ./mvnw and ./cheshire: points JAVA_HOME at a JDK 25 or newer, or says in one sentence how to get one.
# Looks at CHESHIRE_JAVA_HOME, JAVA_HOME, the `java` on the PATH, then the usual places of the usual packages.

cheshire_jdk_major() {
  # The `release` file answers without starting a JVM; a JRE without javac does not count.
  [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

cheshire_is_jdk25() {
  cheshire_major=$(cheshire_jdk_major "$1") && [ -n "$cheshire_major" ] && [ "$cheshire_major" -ge 25 ]
}

cheshire_find_jdk25() {
  for cheshire_home in "${CHESHIRE_JAVA_HOME-}" "${JAVA_HOME-}"; do
    if [ -n "$cheshire_home" ] && cheshire_is_jdk25 "$cheshire_home"; then
      JAVA_HOME=$cheshire_home
      return 0
    fi
  done
  cheshire_java=$(command -v javac 2>/dev/null) && cheshire_java=$(readlink -f "$cheshire_java" 2>/dev/null) || cheshire_java=
  if [ -n "$cheshire_java" ] && cheshire_is_jdk25 "${cheshire_java%/bin/javac}"; then
    JAVA_HOME=${cheshire_java%/bin/javac}
    return 0
  fi
  # Globbing may be off in the script that sources this one (mvnw runs under `set -f`).
  case $- in *f*) cheshire_noglob=1 && set +f ;; *) cheshire_noglob= ;; esac
  for cheshire_home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
    "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if cheshire_is_jdk25 "$cheshire_home"; then
      JAVA_HOME=$cheshire_home
      break
    fi
    cheshire_home=
  done
  [ -z "$cheshire_noglob" ] || set -f
  [ -n "$cheshire_home" ]
}

if cheshire_find_jdk25; then
  export JAVA_HOME
else
  echo "Cheshire needs JDK 25 or newer and found none: install one (for example Eclipse Temurin 25 from https://adoptium.net) and set JAVA_HOME to it." >&2
  exit 1
fi
