#!/bin/bash
# The session that session.svg shows: real commands and what they said, typed at the speed of a person. Made as
# root, in a directory whose debian/ is an OCI layout of an image with python3, with lamina on the path:
#   termtosvg session.svg -c "unshare --mount .../docs/picture/session.sh" -t window_frame -g 106x28 -D 6000 -m 40
set -eu
LAMINA_ROOT=$(mktemp -d)
export LAMINA_ROOT
trap 'umount /mnt 2>/dev/null || true; rm -rf "$LAMINA_ROOT"' EXIT

run() {
  printf '\e[32m$\e[0m '
  for ((i = 0; i < ${#1}; i++)); do
    printf '%s' "${1:i:1}"
    sleep 0.02
  done
  sleep 0.3
  printf '\n'
  bash -c "$1"
  sleep 1.2
}

run 'lamina unpack oci:debian:v1'
run 'lamina mount debian:v1 /mnt --name web'
run 'chroot /mnt python3 -c "import platform; print(platform.python_version())"'
run 'rm -r /mnt/usr/share/perl; echo hello >/mnt/etc/motd; echo 1 >>/mnt/usr/bin/git'
run 'lamina diff web'
run 'lamina umount web'
run 'lamina commit web debian:v2'
run 'lamina history debian:v2'
