# Sourced by ./lamina and ./fuse-lamina: builds the project on first use, then runs a main class in a
# JVM that starts from a class-data-sharing archive.
#
# LAMINA_JAVA     the java command (default: $JAVA_HOME/bin/java, else java)
# LAMINA_JVM_OPTS more JVM options, separated by spaces
#
# Sets LAMINA_HOME, where the launchers are, for commands that start others.

set -euo pipefail

lamina_base=$1
lamina_home=$lamina_base/cli/target/lamina
lamina_oldest_java=17

lamina_die() {
  printf 'lamina: %s\n' "$1" >&2
  exit 1
}

# Sets lamina_java, the java command without symbolic links. (No subshells here and below where a
# variable does: a fork and exec costs one to two milliseconds of every start.)
lamina_find_java() {
  lamina_java=${LAMINA_JAVA:-}
  if [ -z "$lamina_java" ] && [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
    lamina_java=$JAVA_HOME/bin/java
  elif [ -z "$lamina_java" ]; then
    hash java 2>/dev/null || lamina_die "no java found: install openjdk-17-jre-headless or newer"
    lamina_java=${BASH_CMDS[java]}
  fi
  [ -f "$lamina_java" ] && [ -x "$lamina_java" ] ||
    lamina_die "$lamina_java is not a java command"
  lamina_java=$(readlink -f "$lamina_java")
  # JDKs have this file; asking the JVM itself would take as long as starting it.
  local key value major release=${lamina_java%/bin/java}/release
  [ -r "$release" ] || return 0
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value//\"/}
      major=${value%%[.+-]*}
      [ "$major" -ge "$lamina_oldest_java" ] ||
        lamina_die "$lamina_java is Java $value; Lamina needs $lamina_oldest_java or newer"
    fi
  done <"$release"
}

# Whether the build is missing or older than a source. Sources are few: this takes milliseconds.
lamina_needs_build() {
  [ -f "$lamina_home/classpath" ] || return 0
  [ -n "$(find "$lamina_base"/pom.xml "$lamina_base"/{linux-abi,overlay-core,fuse-mount,layer-unpacker,benchmarks,cli}/{pom.xml,src/main} \
    -newer "$lamina_home/classpath" -type f -print -quit 2>/dev/null)" ]
}

lamina_build() {
  if [ ! -w "$lamina_base" ]; then
    # Somebody else's clone: what its owner built last is what there is.
    [ -f "$lamina_home/classpath" ] ||
      lamina_die "not built yet, and $lamina_base is not yours to write: run lamina as its owner once"
    return 0
  fi
  command -v mvn >/dev/null || lamina_die "no mvn found: install maven and openjdk-17-jdk-headless"
  exec 8>"$lamina_base/.build.lock"
  flock 8
  if lamina_needs_build; then
    printf 'lamina: building (once)...\n' >&2
    local log
    log=$(mktemp)
    if ! (cd "$lamina_base" && mvn -B -q -Pquick -pl cli -am package </dev/null >"$log" 2>&1 8>&-); then
      cat "$log" >&2
      rm -f "$log"
      lamina_die "the build failed"
    fi
    rm -f "$log"
    touch "$lamina_home/classpath"
  fi
  exec 8>&-
}

# Sets lamina_command: the java command with all its options, up to the main class.
lamina_prepare() {
  if [ -f "$lamina_base/pom.xml" ] && lamina_needs_build; then
    lamina_build
  fi
  export LAMINA_HOME=$lamina_base
  # File names are bytes. In a locale without UTF-8 a JVM refuses, or spoils, all that are not ASCII.
  export LC_ALL=C.UTF-8
  lamina_find_java
  local names classpath
  names=$(<"$lamina_home/classpath")
  classpath=$lamina_home/lib/${names//:/:$lamina_home/lib/}
  lamina_command=(
    "$lamina_java"
    -XX:+IgnoreUnrecognizedVMOptions
    --enable-native-access=ALL-UNNAMED
    --sun-misc-unsafe-memory-access=allow
    -XX:+UseSerialGC -XX:-UsePerfData -Xss512k
    # A small heap that grows where it must and shrinks when the server lets it (QuietTimes).
    -Xms6m -XX:NewSize=2m -XX:ReservedCodeCacheSize=64m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps
    # The archive where it was made for: no page of it is written to, so that servers share them.
    -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0
    # picocli would load java.time and java.sql for types that no option has.
    "-Dpicocli.converters.excludes=java\\.(sql|time)\\..*" -Dpicocli.disable.closures=true
    # jffi would unpack its library into /tmp at each start, by way of SecureRandom.
    "-Djffi.boot.library.path=$lamina_home/native/jni/$HOSTTYPE-Linux"
    # Or slf4j looks into every jar of the class path for it.
    -Dslf4j.provider=org.slf4j.simple.SimpleServiceProvider -Dslf4j.internal.verbosity=WARN
    -Djnr.ffi.provider=dev.lamina.linux.JnrProvider
    # Not of the archive: one that does not fit, in a clone that was moved, is only slower.
    -Xlog:disable -Xlog:all=error,cds*=off:stderr
  )
  # shellcheck disable=SC2206  # options are separated by spaces on purpose
  lamina_command+=(${LAMINA_JVM_OPTS:-} -cp "$classpath")
  # One archive for each JVM. (No "%" in its name: JVMs replace %p and %t in file names.)
  local archive=$lamina_home/classes${lamina_java//[\/%]/-}.jsa
  if [ ! -e "$archive" ] || [ "$lamina_home/classpath" -nt "$archive" ]; then
    lamina_make_archive "$archive"
  fi
  if [ -s "$archive" ]; then
    lamina_command+=("-XX:SharedArchiveFile=$archive")
  fi
}

# Makes the class-data-sharing archive, once: who finds another process at it starts without one. An
# empty file says that none can be made. It is a static archive, of all classes of a training run and
# not only of those on top of the JDK's own (-XX:ArchiveClassesAtExit), because only a static one
# takes class files as old as picocli's and ASM's (and no AOT cache of JDK 25 does, which is why it
# takes no less time there). The JVM itself checks that it fits the class path.
lamina_make_archive() {
  [ -w "$lamina_home" ] || return 0
  exec 9>"$lamina_home/archive.lock"
  if flock -n 9 && { [ ! -e "$1" ] || [ "$lamina_home/classpath" -nt "$1" ]; }; then
    rm -f "$1"
    timeout 60 "${lamina_command[@]}" -XX:DumpLoadedClassList="$1.classes" \
      dev.lamina.cli.ClassTraining </dev/null >/dev/null 2>&1 9>&- || true
    # From JDK 24 the list has constants to resolve as well. That links classes, and class files as
    # old as picocli's and ASM's are left out of the archive once they are linked.
    sed -i '/^@cp /d' "$1.classes" || true
    timeout 60 "${lamina_command[@]}" -Xshare:dump -XX:SharedClassListFile="$1.classes" \
      -XX:SharedArchiveFile="$1.new" </dev/null >/dev/null 2>&1 9>&- || true
    [ -s "$1.new" ] || : >"$1.new"
    mv -f "$1.new" "$1"
    rm -f "$1.classes"
  fi
  exec 9>&-
}

# Runs a main class in the foreground, in the place of this shell.
lamina_run() {
  exec "${lamina_command[@]}" "$@"
}

# Runs a main class that becomes a server: returns 0 once it reports on descriptor 3 that it is
# ready, or its exit status when it ends before. The server runs in a session of its own, so that it
# outlives the terminal; until it is ready, signals to this shell end it. Two malloc arenas do for what
# requests allocate there, which is nothing; each more would keep what a compiler thread once used.
lamina_serve() {
  local status word=
  lamina_server=
  lamina_signalled=
  trap 'lamina_forward 129' HUP
  trap 'lamina_forward 130' INT
  trap 'lamina_forward 143' TERM
  exec 4>&1
  coproc SERVER { LAMINA_READY_FD=3 MALLOC_ARENA_MAX=2 exec setsid "${lamina_command[@]}" "$@" 3>&1 >&4 4>&- </dev/null; }
  lamina_server=$SERVER_PID
  exec 5<&"${SERVER[0]}" 4>&-
  [ -z "$lamina_signalled" ] || lamina_forward "$lamina_signalled"
  # More than 128: a signal ended the read. Else the server has ended without a word.
  until read -r word <&5; do
    [ $? -gt 128 ] || break
  done
  if [ "$word" = ready ] && [ -z "$lamina_signalled" ]; then
    exit 0
  fi
  # A signal ends a wait as well.
  while
    status=0
    wait "$lamina_server" || status=$?
    kill -0 "$lamina_server" 2>/dev/null
  do :; done
  if [ -n "$lamina_signalled" ] && { [ "$status" -eq 0 ] || [ "$status" -gt 128 ]; }; then
    status=$lamina_signalled
  elif [ "$status" -eq 0 ]; then
    status=1
  fi
  exit "$status"
}

# Passes a signal on as SIGTERM: what a shell starts in the background ignores SIGINT. The status is
# that of the signal that came.
lamina_forward() {
  lamina_signalled=$1
  [ -z "$lamina_server" ] || kill -TERM "$lamina_server" 2>/dev/null || true
}
