# Shared by the shell scripts in this folder: source it, do not run it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '\n==> %s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# The Python that can `import libtorrent`. Debian installs the module for the system Python; another Python that
# comes earlier in PATH does not see it.
python_with_libtorrent() {
    local candidate
    for candidate in "${DUPLEX_PYTHON:-}" python3 /usr/bin/python3 /usr/local/bin/python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import libtorrent' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# Any Python 3, preferably one with libtorrent.
any_python() {
    python_with_libtorrent || command -v python3 || command -v /usr/bin/python3
}

# Where `swift build -c release` puts the program.
release_binary() {
    printf '%s\n' "${DUPLEX:-$root/.build/release/duplex}"
}
