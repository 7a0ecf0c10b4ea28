# Shared by ./setup, ./demo and ./check: reading packages.apt, installing, building.
# Sourced, not run. Sets nothing up by itself; `root` and `build` are the two folders it works in.
# With print_only=yes nothing is changed and every command is printed instead.

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${ONUS_BUILD:-$root/build}
print_only=no

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: error: %s\n' "$(basename -- "$0")" "$*" >&2
    exit 1
}

# Runs a command, or prints it.
run() {
    if [ "$print_only" = yes ]; then
        say "  $*"
    else
        "$@"
    fi
}

run_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        run "$@"
    elif command -v sudo >/dev/null 2>&1; then
        run sudo "$@"
    elif [ "$print_only" = yes ]; then
        say "  $* (as root)"
    else
        die "needs root or sudo for: $*"
    fi
}

# Packages of a group, one a line: name, a tab, the command that stands in for it (often empty).
packages_of() {
    awk -F '\t' -v group="$1" '!/^#/ && $2 == group { print $1 "\t" $4 }' "$root/packages.apt"
}

# The packages of the groups named that dpkg does not know as installed.
missing_packages() {
    for group in "$@"; do
        packages_of "$group" | while IFS='	' read -r name instead; do
            if [ -n "$instead" ] && command -v "$instead" >/dev/null 2>&1; then
                continue
            fi
            state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || state=
            [ "$state" = installed ] || printf '%s\n' "$name"
        done
    done
}

install_groups() {
    command -v dpkg-query >/dev/null 2>&1 || die "needs Debian 12 or a relative of it (no dpkg here)"
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [ -z "$missing" ]; then
        say "packages ($*): all installed"
        return 0
    fi
    say "packages ($*): installing $missing"
    run_as_root apt-get -q update
    # shellcheck disable=SC2086 # a list of names
    run_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing
}

# Configures the build folder if it is not, or if it belongs to another copy of the tree.
configure_build() {
    if [ "$print_only" = no ]; then
        mkdir -p "$build" 2>/dev/null || true
        [ -w "$build" ] || die "cannot write to $build; ONUS_BUILD names another folder to build in"
    fi
    if [ -f "$build/build.ninja" ] && grep -qsF "$root/meson.build" "$build/meson-info/intro-buildsystem_files.json"; then
        return 0
    fi
    if [ -e "$build/build.ninja" ]; then
        run rm -rf "$build"
    fi
    run meson setup --buildtype=release "$build" "$root"
}

# Reads the options that the three scripts share; the text of the help is the caller's.
read_options() {
    for arg in "$@"; do
        case $arg in
        --help | -h)
            usage
            exit 0
            ;;
        --print-only)
            print_only=yes
            ;;
        *)
            usage >&2
            exit 64
            ;;
        esac
    done
    if [ "$print_only" = yes ]; then
        say "would run, without changing anything now:"
    fi
}
