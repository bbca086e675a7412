# Sourced by fuse-lamina where mount(8) calls it: turns a helper's command line,
#   SOURCE TARGET [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]
# (mount(8), "EXTERNAL HELPERS"), into fuse-lamina's.

lamina_usage() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 2
}

lamina_places=()
lamina_mount_options=
while [ $# -gt 0 ]; do
  case $1 in
    -o | -t | -N)
      [ $# -ge 2 ] || lamina_usage "$1 needs a value"
      case $1 in
        -o) lamina_mount_options+=,$2 ;;
        -N) lamina_usage "a mount in another namespace is made with nsenter(1), not with -N" ;;
      esac
      shift 2
      ;;
    -*[!sfnv]*) lamina_usage "unknown option $1" ;;
    # All but doing it. Unknown options are let pass anyway, and there is no mtab to write.
    -*f*) exit 0 ;;
    -*) shift ;;
    *)
      lamina_places+=("$1")
      shift
      ;;
  esac
done
[ ${#lamina_places[@]} -eq 2 ] || lamina_usage "mount(8) calls this as SOURCE TARGET -o OPTIONS"

case $lamina_mount_options, in
  # The kernel's affair: the server has nothing to change.
  *,remount,*) exec mount -i -o "${lamina_mount_options#,}" -- "${lamina_places[1]}" ;;
esac

# What only mount(8) and boot scripts read.
lamina_kept=()
lamina_option=
IFS=, read -r -d '' -a lamina_each < <(printf '%s\0' "${lamina_mount_options#,}") || true
for lamina_piece in "${lamina_each[@]}"; do
  # A comma after an odd number of backslashes is part of a value.
  lamina_option+=$lamina_piece
  lamina_slashes=${lamina_option##*[!\\]}
  if [ $((${#lamina_slashes} % 2)) -eq 1 ]; then
    lamina_option+=,
    continue
  fi
  case $lamina_option in
    auto | noauto | nofail | _netdev | defaults | user | nouser | users | owner | group | [xX]-* | comment=*) ;;
    *) lamina_kept+=("$lamina_option") ;;
  esac
  lamina_option=
done
lamina_mount_options=$(IFS=, && printf '%s' "${lamina_kept[*]}")
set -- -o "$lamina_mount_options" "${lamina_places[@]}"
