# Shared by the quality gates; sourced, not run. A gate is called with SOURCE_ROOT and BUILD, makes
# what it needs below BUILD/quality, exits with 0 (passed), 77 (cannot run here; the last line says
# why) or anything else (failed).
set -eu
LC_ALL=C.UTF-8
export LC_ALL

gate=$(basename -- "$0")
if [ "$#" -ne 2 ]; then
    printf 'usage: %s SOURCE_ROOT BUILD\n' "$gate" >&2
    exit 64
fi
root=$(CDPATH='' cd -- "$1" && pwd)
mkdir -p "$2/quality"
build=$(CDPATH='' cd -- "$2" && pwd)
own=$build/quality/$gate
n_jobs=$(nproc)
. "$root/scripts/quality/meson.sh"

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || {
            printf '%s is not installed\n' "$tool"
            exit 77
        }
    done
}
