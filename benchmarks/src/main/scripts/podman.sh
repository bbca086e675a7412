#!/usr/bin/env bash
# Times the same podman and buildah session in turns on overlays of fuse-lamina, of fuse-lamina with one
# daemon for all mounts, of fuse-overlayfs, and of the kernel (no mount program). Prints, for each
# step, the median seconds of each and the ratio to fuse-overlayfs.
#
#   podman.sh ARCHIVE DIRECTORY [ROUNDS]
#
# ARCHIVE is a docker-archive of an image with a shell; DIRECTORY needs room for four unpacked images.
set -euo pipefail
archive=$(readlink -f "$1") directory=$(readlink -f "$2") rounds=${3:-3}
base=$(readlink -f "$(dirname "$0")/../../../..")
scratch=$(mktemp -d "$directory/p.XXXXXX")
export LAMINA_RUNTIME_DIR=$scratch/runtime
programs=(lamina daemon fuse-overlayfs kernel)

use() {
  local program=$1 line=
  export LAMINA_DAEMON=off
  case $program in
    lamina) line="mount_program = \"$base/fuse-lamina\"" ;;
    daemon)
      line="mount_program = \"$base/fuse-lamina\""
      export LAMINA_DAEMON=on
      ;;
    fuse-overlayfs) line="mount_program = \"$(command -v fuse-overlayfs)\"" ;;
  esac
  mkdir -p "$scratch/$program"
  export CONTAINERS_STORAGE_CONF=$scratch/$program/storage.conf
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/root"\nrunroot = "%s/run"\n[storage.options.overlay]\n%s\n' \
    "$scratch/$program" "$scratch/$program" "$line" >"$CONTAINERS_STORAGE_CONF"
}
podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }
container() { podman "$1" --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --network=none "${@:2}"; }

step_run_true() { container run --rm "$image" true; }
step_run_find() { container run --rm "$image" sh -c 'find / -xdev >/dev/null; cat /usr/bin/* >/dev/null'; }
step_run_write() { container run --rm "$image" sh -c 'cp -r /etc /usr/share/doc /srv; chmod -R g+w /etc; rm -r /srv/doc'; }
step_start_ten() { local i; for i in 1 2 3 4 5 6 7 8 9 10; do container run -d --name "c$i" "$image" sleep 1000 & done; wait; }
step_exec_ten() { local i; for i in 1 2 3 4 5 6 7 8 9 10; do podman exec "c$i" sh -c 'echo x >/etc/motd'; done; }
step_diff() { podman diff c1; }
step_commit() { podman commit -q c1 committed; }
step_image_mount() { podman image mount "$image" && podman image umount "$image"; }
step_remove_ten() { podman rm -f -t 0 c1 c2 c3 c4 c5 c6 c7 c8 c9 c10; }
step_build() {
  printf 'FROM %s\nRUN echo a >/a\nRUN cp -r /etc /b\nRUN rm -r /b; mkdir /b\nRUN chmod -R g+w /usr/share/doc\nENV A=b\n' "$image" >"$scratch/Dockerfile"
  buildah bud -q --isolation chroot --layers --no-cache -f "$scratch/Dockerfile" -t built "$scratch/empty"
}
steps=(run_true run_find run_write start_ten exec_ten diff commit image_mount remove_ten build)

end() {
  local program
  for program in "${programs[@]}"; do
    use "$program"
    podman rm -fa -t 0 >/dev/null 2>&1 || true
    podman system reset -f >/dev/null 2>&1 || true
  done
  "$base/lamina" --daemon=auto ps >/dev/null 2>&1 || true
  [ -z "${daemon:-}" ] || kill "$daemon" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT
mkdir "$scratch/empty"
"$base/lamina" daemon --foreground --idle 0 &
daemon=$!
until compgen -G "$LAMINA_RUNTIME_DIR/daemon-*.sock" >/dev/null; do
  kill -0 "$daemon"
  sleep 0.1
done
for program in "${programs[@]}"; do
  use "$program"
  podman load -q -i "$archive" >/dev/null
done
image=$(podman images -q --no-trunc | head -n 1)
for ((round = 1; round <= rounds; round++)); do
  for step in "${steps[@]}"; do
    for program in "${programs[@]}"; do
      use "$program"
      start=$EPOCHREALTIME
      if "step_$step" >"$scratch/log" 2>&1; then
        awk -v s="$start" -v e="$EPOCHREALTIME" -v k="$step $program" 'BEGIN { print k, e - s }'
      else
        cat "$scratch/log" >&2
      fi
    done
  done
done | python3 -c '
import collections, statistics, sys
times = collections.defaultdict(lambda: collections.defaultdict(list))
for line in sys.stdin:
    step, program, seconds = line.split()
    times[step][program].append(float(seconds))
programs = sys.argv[1:]
print("%-12s" % "", *("%-20s" % p for p in programs))
for step, by in times.items():
    medians = {p: statistics.median(v) for p, v in by.items()}
    base = medians.get("fuse-overlayfs")
    print("%-12s" % step, *("%-20s" % (f"{medians[p]:6.2f} s  {medians[p] / base:5.2f}" if base and p in medians else "failed") for p in programs))
' "${programs[@]}"
