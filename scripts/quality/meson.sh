# Building and testing in a folder of a gate's own; sourced by common.sh.

# Configures DIR with the compiler and options that follow, or keeps it if that is how it is.
configure() { # DIR COMPILER OPTION...
    conf_dir=$1
    conf_cc=$2
    shift 2
    wanted="$conf_cc $*"
    if [ -f "$conf_dir/build.ninja" ] && [ "$(cat "$conf_dir/wanted" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    rm -rf "$conf_dir"
    CC=$conf_cc meson setup --fatal-meson-warnings --wrap-mode=nofallback -Dwerror=true -Dtests=enabled \
        -Dshared="${ONUS_SHARED:-}" "$@" "$conf_dir" "$root"
    printf '%s\n' "$wanted" >"$conf_dir/wanted"
}

# Builds and runs the tests of a configured folder that belong here: not the browser's and the documents'
# (they test text and pictures, and run in the ordinary build), not long statistical ones. What only the
# others need is not built.
run_tests() { # DIR MESON_TEST_OPTION...
    test_dir=$1
    shift
    meson test -C "$test_dir" --print-errorlogs --no-suite browser --no-suite docs --no-suite stat \
        --no-suite bench "$@"
}
