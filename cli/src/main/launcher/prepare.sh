# Makes the class-data-sharing archive of an installed Lamina, when a package is set up.
. "${BASH_SOURCE[0]%/*}/launch.sh" "$(readlink -f "${BASH_SOURCE[0]%/*}/..")"
lamina_prepare
umask 022
lamina_prepare_java
[ -s "$lamina_archive" ]
