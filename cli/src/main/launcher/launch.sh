# Sourced by ./lamina and ./fuse-lamina: builds the project on first use, then runs a main class in a
# JVM that starts from a class-data-sharing archive.
#
# LAMINA_JAVA     the java command (default: $JAVA_HOME/bin/java, else java)
# LAMINA_JVM_OPTS more JVM options, separated by spaces

set -euo pipefail

lamina_base=$1
lamina_home=$lamina_base/cli/target/lamina

lamina_die() {
  printf 'lamina: %s\n' "$1" >&2
  exit 1
}

lamina_java() {
  if [ -n "${LAMINA_JAVA:-}" ]; then
    printf '%s' "$LAMINA_JAVA"
  elif [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
    printf '%s' "$JAVA_HOME/bin/java"
  else
    command -v java || lamina_die "no java found: install openjdk-17-jre-headless or newer"
  fi
}

# Whether the build is missing or older than a source. Sources are few: this takes milliseconds.
lamina_needs_build() {
  [ -f "$lamina_home/classpath" ] || return 0
  [ -n "$(find "$lamina_base"/pom.xml "$lamina_base"/{linux-abi,overlay-core,fuse-mount,layer-unpacker,cli}/{pom.xml,src/main} \
    -newer "$lamina_home/classpath" -type f -print -quit 2>/dev/null)" ]
}

lamina_build() {
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
  local java names classpath archive
  java=$(lamina_java)
  names=$(<"$lamina_home/classpath")
  classpath=$lamina_home/lib/${names//:/:$lamina_home/lib/}
  lamina_command=(
    "$java"
    -XX:+IgnoreUnrecognizedVMOptions
    --enable-native-access=ALL-UNNAMED
    --sun-misc-unsafe-memory-access=allow
    -XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=4 -Xss512k
    -Xlog:disable -Xlog:all=error:stderr
  )
  # shellcheck disable=SC2206  # options are separated by spaces on purpose
  lamina_command+=(${LAMINA_JVM_OPTS:-})
  archive=$(lamina_archive "$java" "$classpath")
  if [ -n "$archive" ]; then
    lamina_command+=("-XX:SharedArchiveFile=$archive")
  fi
  lamina_command+=(-cp "$classpath")
}

# Prints the path of the class-data-sharing archive for this JVM, made at first use; nothing where
# none can be made. The JVM itself checks that it fits the class path.
lamina_archive() {
  local java=$1 classpath=$2 key archive
  key=$(printf '%s' "$(readlink -f "$java")" | cksum | cut -d' ' -f1)
  archive=$lamina_home/classes-$key.jsa
  if [ ! -e "$archive" ] || [ "$lamina_home/classpath" -nt "$archive" ]; then
    [ -w "$lamina_home" ] || return 0
    "${lamina_command[@]}" -XX:ArchiveClassesAtExit="$archive.$$" -cp "$classpath" \
      dev.lamina.cli.ClassTraining </dev/null >/dev/null 2>&1 || true
    if [ -e "$archive.$$" ]; then
      mv -f "$archive.$$" "$archive"
    else
      : >"$archive"
    fi
  fi
  if [ -s "$archive" ]; then
    printf '%s' "$archive"
  fi
}

# Runs a main class in the foreground, in the place of this shell.
lamina_run() {
  exec "${lamina_command[@]}" "$@"
}

# Runs a main class that becomes a server: returns 0 once it reports on descriptor 3 that it is
# ready, or its exit status when it ends before. The server runs in a session of its own, so that it
# outlives the terminal; until it is ready, signals to this shell are passed on to it.
lamina_serve() {
  local server status=0 word=
  exec 4>&1
  coproc SERVER { LAMINA_READY_FD=3 exec setsid "${lamina_command[@]}" "$@" 3>&1 >&4 4>&- </dev/null; }
  server=$SERVER_PID
  exec 5<&"${SERVER[0]}" 4>&-
  trap 'kill -TERM "$server" 2>/dev/null || true' INT TERM HUP
  while ! read -r word <&5; do
    # A trapped signal ends the read; the end of the server ends the loop.
    if ! kill -0 "$server" 2>/dev/null; then
      break
    fi
  done
  if [ "$word" = ready ]; then
    exit 0
  fi
  wait "$server" || status=$?
  if [ "$status" -eq 0 ]; then
    status=1
  fi
  exit "$status"
}
