#!/usr/bin/env bash
# Times unpacking one image of an OCI layout in turns: GNU tar (gzip layers; it verifies nothing and syncs
# nothing), umoci where it is installed, and Lamina (verified, synced, blobs kept). Prints seconds.
#
#   unpack.sh LAYOUT TAG DIRECTORY [ROUNDS]
#
# DIRECTORY is on the filesystem to measure and needs room for three unpacked images a round. Nothing in it
# is deleted until the end: ext4 is slow to reuse the inodes of files that were deleted minutes before.
set -euo pipefail
layout=$(readlink -f "$1") tag=$2 directory=$(readlink -f "$3") rounds=${4:-3}
lamina=$(readlink -f "$(dirname "$0")/../../../../lamina")
scratch=$(mktemp -d "$directory/unpack.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

layers=$(python3 - "$layout" "$tag" <<'END'
import json, sys
layout, tag = sys.argv[1:]
def blob(descriptor):
    return layout + "/blobs/" + descriptor["digest"].replace(":", "/")
for manifest in json.load(open(layout + "/index.json"))["manifests"]:
    if manifest.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag:
        for layer in json.load(open(blob(manifest)))["layers"]:
            print(blob(layer))
END
)

with_tar() {
  mkdir "$1"
  local layer
  for layer in $layers; do
    tar --xattrs --xattrs-include='*' -xpzf "$layer" -C "$1"
  done
}
with_umoci() { umoci raw unpack --image "$layout:$tag" "$1"; }
with_lamina() { "$lamina" --root "$1" unpack "oci:$layout:$tag"; }

"$lamina" --version >/dev/null # built, if need be
programs=(tar lamina)
command -v umoci >/dev/null && programs+=(umoci)
for ((round = 1; round <= rounds; round++)); do
  for program in "${programs[@]}"; do
    sync
    start=$EPOCHREALTIME
    "with_$program" "$scratch/$program-$round" >/dev/null 2>&1
    end=$EPOCHREALTIME
    awk -v p="$program" -v s="$start" -v e="$end" 'BEGIN { printf "%s %.2f\n", p, e - s }'
  done
done
