# Sourced by lamina and fuse-lamina: runs a main class in a JVM that starts from a class-data-sharing
# archive. In a clone it builds the project on first use; what a package installed has a file "build".
#
# LAMINA_JAVA     the java command (default: $JAVA_HOME/bin/java, else java)
# LAMINA_JVM_OPTS more JVM options, separated by spaces
# LAMINA_DAEMON   auto, on or off: whether a daemon serves mounts
# LAMINA_RUNTIME_DIR where its socket is
# LAMINA_CLIENT   perl or java: what speaks to it (default: perl, where there is one)
#
# Sets LAMINA_HOME, where the launchers are, for commands that start others.

set -euo pipefail

lamina_base=$1
lamina_launcher=${BASH_SOURCE[0]%/*}
lamina_home=$lamina_base/cli/target/lamina
lamina_build=
if [ -f "$lamina_base/build" ]; then
  lamina_home=$lamina_base
  lamina_build=$(<"$lamina_base/build")
fi
lamina_oldest_java=17
# What the daemon's client ends with where it did nothing: see dev.lamina.cli.daemon.Reply.
lamina_absent=124
lamina_declined=125
# More options of the JVM, by what is to run.
lamina_options=()

lamina_die() {
  printf 'lamina: %s\n' "$1" >&2
  exit 1
}

# Sets lamina_java, the java command without symbolic links, and lamina_java_version. (No subshells here
# and below where a variable does: a fork and exec costs one to two milliseconds of every start.)
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
  lamina_java_version=
  [ -r "$release" ] || return 0
  while IFS='=' read -r key value; do
    value=${value//\"/}
    if [ "$key" = JAVA_RUNTIME_VERSION ]; then
      lamina_java_version=$value
    elif [ "$key" = JAVA_VERSION ]; then
      lamina_java_version=${lamina_java_version:-$value}
      major=${value%%[.+-]*}
      [ "$major" -ge "$lamina_oldest_java" ] ||
        lamina_die "$lamina_java is Java $value; Lamina needs $lamina_oldest_java or newer"
    fi
  done <"$release"
}

# Whether the build is missing or older than a source. Sources are few: this takes milliseconds.
lamina_needs_build() {
  [ -f "$lamina_home/classpath" ] || return 0
  [ -n "$(find "$lamina_base"/pom.xml "$lamina_base"/{linux-abi,overlay-core,fuse-mount,layer-unpacker,snapshotter,benchmarks,cli}/{pom.xml,src/main} \
    -newer "$lamina_home/classpath" -type f -print -quit 2>/dev/null)" ]
}

lamina_make() {
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

# What comes first in any case.
lamina_prepare() {
  # A JVM does not start there, and what relative paths mean is gone.
  pwd -P >/dev/null 2>&1 || lamina_die "the current directory does not exist any more"
  if [ -z "$lamina_build" ] && [ -f "$lamina_base/pom.xml" ] && lamina_needs_build; then
    lamina_make
  fi
  export LAMINA_HOME=$lamina_base
  # File names are bytes. In a locale without UTF-8 a JVM refuses, or spoils, all that are not ASCII.
  export LC_ALL=C.UTF-8
}

# Sets lamina_command, the java command with all its options, up to the main class; with the argument
# "client" that of the daemon's client.
lamina_prepare_java() {
  lamina_find_java
  local names classpath archive training=dev.lamina.cli.ClassTraining
  names=$(<"$lamina_home/classpath")
  classpath=$lamina_home/lib/${names//:/":$lamina_home/lib/"}
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
    # The same of ISA-L's, where the host has none.
    "-Ddev.lamina.linux.isal=$lamina_home/native/libgkl_compression.so"
    # Or slf4j looks into every jar of the class path for it.
    -Dslf4j.provider=dev.lamina.cli.log.Loggers -Dslf4j.internal.verbosity=WARN
    -Djnr.ffi.provider=dev.lamina.linux.JnrProvider
    # Not of the archive: one that does not fit, in a clone that was moved, is only slower.
    -Xlog:disable -Xlog:all=error,cds*=off:stderr
  )
  if [ "$EUID" -eq 0 ]; then
    # Compiling gives way to what is waited for. Policy 1 alone lets a thread have a nice value, and
    # warns everybody but root.
    lamina_command+=(-XX:ThreadPriorityPolicy=1 -XX:CompilerThreadPriority=10 -XX:VMThreadPriority=0)
  fi
  lamina_find_archive
  archive=$lamina_archive
  if [ "${1:-}" = client ]; then
    # It runs for a moment: nothing is worth compiling, and its heap is never collected.
    lamina_command+=(-Xint -Xmx16m -cp "$lamina_home/lib/lamina-cli.jar")
    archive=${archive%.jsa}-client.jsa
    training=dev.lamina.cli.daemon.ClientTraining
  else
    # shellcheck disable=SC2206  # options are separated by spaces on purpose
    lamina_command+=("${lamina_options[@]}" ${LAMINA_JVM_OPTS:-} -cp "$classpath")
  fi
  if lamina_lacks_archive "$archive"; then
    lamina_make_archive "$archive" "$training"
  fi
  if [ -s "$archive" ]; then
    lamina_command+=("-XX:SharedArchiveFile=$archive")
  fi
}

# Sets lamina_archive: one for each JVM, and lamina_archives, what the names of those begin with that
# it had before. (No "%" in its name: JVMs replace %p and %t in file names.)
# An installed Lamina belongs to root: what the package made is in /var/cache; who has another JVM, or
# a tarball of somebody else's, has one of his own.
lamina_find_archive() {
  local java=${lamina_java//[\/%]/-} home=${lamina_home//[\/%]/-} cache=/var/cache/lamina
  lamina_archive=$lamina_home/classes$java.jsa
  [ -n "$lamina_build" ] || return 0
  # It fits the class path of this installation alone. (Names have 255 bytes.)
  java+=@${home:$((${#home} > 100 ? ${#home} - 100 : 0))}@
  lamina_archives=classes$java
  # Times of packaged files tell nothing, and neither does the path of an upgraded JVM.
  java+=${lamina_java_version//[\/%]/-}@${lamina_build:0:16}
  if [ ! -s "$cache/classes$java.jsa" ] && [ ! -w "${cache%/*}" ]; then
    cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/lamina
  fi
  lamina_archive=$cache/classes$java.jsa
}

# Whether there is no archive $1 that will do.
lamina_lacks_archive() {
  [ ! -e "$1" ] || { [ -z "$lamina_build" ] && [ "$lamina_home/classpath" -nt "$1" ]; }
}

# Makes the class-data-sharing archive $1 of what main class $2 loads, once: who finds another process
# at it starts without one. An empty file says that none can be made. It is a static archive, of all
# classes of a training run and not only of those on top of the JDK's own
# (-XX:ArchiveClassesAtExit), because only a static one takes class files as old as picocli's and
# ASM's (and no AOT cache of JDK 25 does, which is why it takes no less time there). The JVM itself
# checks that it fits the class path.
lamina_make_archive() {
  local place=${1%/*} kept=${1##*/} old
  if [ -n "$lamina_build" ]; then
    # /var/cache/lamina is for all to read. A home that does not exist is not made.
    [ -d "${place%/*/*}" ] && (umask 022 && mkdir -p "$place") 2>/dev/null || return 0
  fi
  [ -w "$place" ] || return 0
  exec 9>"$place/archive.lock"
  if flock -n 9 && lamina_lacks_archive "$1"; then
    rm -f "$1"
    if [ -n "$lamina_build" ]; then
      # Those of former builds of Lamina and of this JVM.
      kept=${kept%.jsa}
      for old in "$place/$lamina_archives"*; do
        [[ $old == *"/${kept%-client}"* ]] || rm -f "$old"
      done
    fi
    # It mounts: nobody is to hear of that.
    NOTIFY_SOCKET= LAMINA_RUNTIME_DIR=$place/training timeout 60 "${lamina_command[@]}" -XX:DumpLoadedClassList="$1.classes" "$2" \
      </dev/null >/dev/null 2>&1 9>&- || true
    # From JDK 24 the list has constants to resolve as well. That links classes, and class files as
    # old as picocli's and ASM's are left out of the archive once they are linked.
    sed -i '/^@cp /d' "$1.classes" || true
    timeout 60 "${lamina_command[@]}" -Xshare:dump -XX:SharedClassListFile="$1.classes" \
      -XX:SharedArchiveFile="$1.new" </dev/null >/dev/null 2>&1 9>&- || true
    [ -s "$1.new" ] || : >"$1.new"
    mv -f "$1.new" "$1"
    rm -rf "$1.classes" "$place/training"
  fi
  exec 9>&-
}

# What follows serves a mount. The better compiler would take two thirds of the CPU that a server's first
# quarter of a million requests need, for what is no faster then: nearly all of a request is the kernel's.
lamina_prepare_server() {
  lamina_options=(-XX:TieredStopAtLevel=1)
}

# Whether "lamina_may_unpack N WORD..." may unpack an image before it serves, for which the better compiler
# is needed: a word says where one lies, or more than N of them are files (see State.image).
lamina_may_unpack() {
  local word files=-$1
  shift
  for word in "$@"; do
    case $word in
      oci:* | oci-archive:* | docker-archive:* | docker://*) return 0 ;;
    esac
    [ ! -e "$word" ] || files=$((files + 1))
  done
  [ "$files" -gt 0 ]
}

# What follows starts a daemon: a server (which unpacks nothing) of whose memory much would be garbage, of
# the mounts that it makes. (The last option: since 17.0.9 and 21.0.1, on Linux.)
lamina_prepare_daemon() {
  lamina_prepare_server
  lamina_options+=(-Xms24m -Xmn16m -XX:+UnlockExperimentalVMOptions -XX:TrimNativeHeapInterval=30000)
}

# What follows is the snapshotter: sqlite-jdbc would unpack its library into /tmp at each start.
lamina_prepare_snapshotter() {
  lamina_options=("-Dorg.sqlite.lib.path=$lamina_home/native/org/sqlite/native/Linux/$HOSTTYPE")
}

# What follows is over in seconds: only what is hot then is worth the time of the better compiler, which
# is a fifth of an unpack otherwise. SHA-256 is hot, and its instructions come with that compiler alone.
lamina_prepare_short_run() {
  local often=CompileThresholdScaling,sun.security.provider
  lamina_options=(-XX:Tier4InvocationThreshold=100000 -XX:Tier4MinInvocationThreshold=50000
    -XX:Tier4CompileThreshold=200000 -XX:Tier4BackEdgeThreshold=400000 -XX:CompileCommand=quiet
    "-XX:CompileCommand=$often.SHA2::implCompress0,0.001"
    "-XX:CompileCommand=$often.DigestBase::implCompressMultiBlock*,0.001")
}

# Sets LAMINA_RUNTIME_DIR for all that follows: where daemons have their sockets; empty where there
# is no place for them. Root of a user namespace does not own the host's /run.
lamina_find_runtime_directory() {
  if [ -z "${LAMINA_RUNTIME_DIR:-}" ]; then
    if [ "$EUID" -eq 0 ] && [ -O /run ]; then
      LAMINA_RUNTIME_DIR=/run/lamina
    else
      LAMINA_RUNTIME_DIR=${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/lamina}
    fi
  fi
  export LAMINA_RUNTIME_DIR
}

# Hands the command line to a daemon: "lamina_ask_daemon USE PROGRAM WORD...", where USE is auto, on
# (one is started) or off. Does not return where a daemon did what was asked, or refused.
lamina_ask_daemon() {
  local use=$1 socket
  shift
  export LAMINA_DAEMON=$use
  # Who wants a log or a JVM of his own for this mount gets it.
  case $use in
    off) return 0 ;;
    on) ;;
    *) [ -z "${LAMINA_LOG:-}${LAMINA_LOG_LEVEL:-}${LAMINA_JVM_OPTS:-}" ] || return 0 ;;
  esac
  lamina_find_runtime_directory
  lamina_status=
  if [ -n "$LAMINA_RUNTIME_DIR" ]; then
    for socket in "$LAMINA_RUNTIME_DIR"/daemon-*.sock; do
      if [ -S "$socket" ] && [ -O "$socket" ]; then
        lamina_call_daemon "$@"
        break
      fi
    done
  fi
  # One that has declined would do so again.
  if [ "$use" = on ] && [ "$lamina_status" != "$lamina_declined" ]; then
    if (lamina_prepare_daemon && lamina_serve dev.lamina.cli.Lamina daemon); then
      lamina_call_daemon "$@"
    else
      printf '%s: no daemon could be started; served without\n' "$1" >&2
    fi
  fi
}

# Runs the client. Does not return unless there is no daemon (any more), or it left this to us; sets
# lamina_status to which it is.
lamina_call_daemon() {
  if [ "${LAMINA_CLIENT:-perl}" = perl ] && hash perl 2>/dev/null; then
    lamina_command=(perl -C0 "$lamina_launcher/client.pl")
  else
    lamina_prepare_java client
    lamina_command+=(dev.lamina.cli.daemon.Client)
  fi
  trap 'lamina_forward 129' HUP
  trap 'lamina_forward 130' INT
  trap 'lamina_forward 143' TERM
  lamina_signalled=
  "${lamina_command[@]}" "$LAMINA_RUNTIME_DIR" "$lamina_home" "$@" </dev/null &
  lamina_server=$!
  lamina_await_server
  lamina_server=
  trap - HUP INT TERM
  [ -z "$lamina_signalled" ] || exit "$lamina_status"
  case $lamina_status in
    "$lamina_declined" | "$lamina_absent") ;;
    *) exit "$lamina_status" ;;
  esac
}

# Runs a main class in the foreground, in the place of this shell.
lamina_run() {
  lamina_prepare_java
  exec "${lamina_command[@]}" "$@"
}

# Runs a main class that becomes a server: returns 0 once it reports on descriptor 3 that it is
# ready, or its exit status when it ends before. The server runs in a session of its own, so that it
# outlives the terminal; until it is ready, signals to this shell end it. Two malloc arenas do for what
# requests allocate there, which is nothing; each more would keep what a compiler thread once used.
lamina_serve() {
  local word=
  lamina_prepare_java
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
  lamina_await_server
  [ "$lamina_status" -ne 0 ] || lamina_status=1
  exit "$lamina_status"
}

# Waits for the end of process $lamina_server and sets lamina_status, to that of the signal that came
# to us where the process ended well or by a signal itself.
lamina_await_server() {
  # A signal ends a wait as well.
  while
    lamina_status=0
    wait "$lamina_server" || lamina_status=$?
    kill -0 "$lamina_server" 2>/dev/null
  do :; done
  if [ -n "$lamina_signalled" ] && { [ "$lamina_status" -eq 0 ] || [ "$lamina_status" -gt 128 ]; }; then
    lamina_status=$lamina_signalled
  fi
}

# Passes a signal on as SIGTERM: what a shell starts in the background ignores SIGINT. The status is
# that of the signal that came.
lamina_forward() {
  lamina_signalled=$1
  [ -z "$lamina_server" ] || kill -TERM "$lamina_server" 2>/dev/null || true
}
