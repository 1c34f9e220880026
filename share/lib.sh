# Common parts of share/try, share/test and share/install; sourced by bash, not run.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
release="$top/.build/snug-release" # the stripped executable stands here

# What building needs beside Swift, and what running needs.
build_packages=(g++ git pkg-config libseccomp-dev libcap-dev libdbus-1-dev libtomlplusplus-dev)
run_packages=(xdg-dbus-proxy)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# ensure_packages NAME...: installs those that are missing; an ordinary user is told what to ask for.
ensure_packages() {
  local missing=() name
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system, packages are not checked; what Debian calls $* must be there"
    return 0
  fi
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    say "missing packages: ${missing[*]}"
    say "ask an administrator for: apt-get install ${missing[*]}"
    exit 1
  fi
  say "installing packages: ${missing[*]}"
  # Old package lists name files that mirrors no longer have: then they are fetched once and it is tried again.
  apt_install "${missing[@]}" 2>/dev/null ||
    { apt-get update -qq >&2 && apt_install "${missing[@]}" >&2; } ||
    fail "cannot install ${missing[*]}"
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# ensure_swift: Swift 6.2 or newer in PATH, with its own lld.
ensure_swift() {
  local version
  command -v swift >/dev/null ||
    fail "cannot find swift: install Swift 6.3 (https://www.swift.org/install/linux/) and put it into PATH"
  version=$(tidily swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case $version in
    6.[2-9]* | 6.1[0-9]* | [7-9].* | [1-9][0-9]*) ;;
    *) fail "cannot use Swift ${version:-of unknown version}: 6.2 or newer is needed" ;;
  esac
}

# tidily COMMAND...: with a TMPDIR of its own that is removed: swift leaves its temporary directories behind.
tidily() {
  local scratch status=0
  scratch=$(mktemp -d)
  TMPDIR=$scratch "$@" || status=$?
  rm -rf "$scratch"
  return "$status"
}

# quietly LOG COMMAND...: shows the output only where the command fails.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    fail "failed: $*"
  }
}

# build_release: all executables, in $release. snug is what share/compile-launcher makes and starts things; it hands every
# other command over to snug-commands, which is linked with all that Swift has and takes longer to start; snug-bus speaks
# D-Bus.
#
# static-pie: a static start is several times faster, and the image still gets a random address; gold cannot link it.
# No rpath: the start code of a static-pie asserts that there is none and crashes before main.
build_release() {
  local from launcher
  # Relocations in their packed form: a megabyte less to read at every start.
  local flags=(-c release --product snug --static-swift-stdlib --disable-local-rpath
    -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -static-pie
    -Xlinker --pack-dyn-relocs=relr)
  say "building the release executables (five minutes the first time)"
  mkdir -p "$release"
  # Beside the other one: each keeps one core busy for most of its time.
  build_launcher &
  launcher=$!
  # In a subshell: nothing of ours is left running when it fails.
  (quietly "$release/build.log" tidily swift build --package-path "$top" "${flags[@]}") || {
    wait "$launcher" || true
    exit 1
  }
  from=$(tidily swift build --package-path "$top" "${flags[@]}" --show-bin-path)/snug
  # Renamed into place: a snug that is running keeps its file.
  strip -o "$release/snug.full" "$from" && mv "$release/snug.full" "$release/snug-commands"
  check_static "$release/snug-commands"
  build_bus
  wait "$launcher"
  check_static "$release/snug"
}

# build_launcher: $release/snug, as Embedded Swift, all modules as one: apart, each would compile again what it uses of the
# others. SwiftPM can do neither.
build_launcher() {
  local built=$release/launcher
  local sources=(SnugProfile SnugPlan SnugSandbox SnugStart snug-launcher)
  if [ ! -x "$built/snug" ] || [ -n "$(cd "$top" && find "${sources[@]/#/Sources/}" Sources/CSnug Sources/CTOML \
    share/compile-launcher -newer "$built/snug" -type f -print -quit)" ]; then
    quietly "$release/launcher.log" "$top/share/compile-launcher" "$built" "${sources[@]}"
  fi
  strip -o "$release/snug.new" "$built/snug" && mv "$release/snug.new" "$release/snug"
}

# build_bus: snug-bus, at $release/snug-bus. libdbus is there as a shared library alone, so the C library is shared, too;
# Swift's own libraries are in it, so that nothing of Swift has to be installed.
build_bus() {
  local from
  local flags=(-c release --product snug-bus --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld)
  quietly "$release/build-bus.log" tidily swift build --package-path "$top" "${flags[@]}"
  from=$(tidily swift build --package-path "$top" "${flags[@]}" --show-bin-path)/snug-bus
  strip -o "$release/snug-bus.new" "$from" && mv "$release/snug-bus.new" "$release/snug-bus"
  # Usage is exit status 2: it starts, and its libraries are there.
  "$release/snug-bus" 2>/dev/null || [ $? -eq 2 ] || fail "$release/snug-bus does not start"
}

# check_static FILE: refuses an executable that asks for a loader, stands at a fixed address or does not start.
check_static() {
  local header
  header=$(LC_ALL=C readelf -hlW "$1") || fail "cannot read $1"
  case $header in
    *INTERP*) fail "$1 is not static: it asks for a program interpreter" ;;
  esac
  case $header in
    *"DYN ("*) ;;
    *) fail "$1 is not position independent" ;;
  esac
  "$1" --version >/dev/null || fail "$1 does not start"
}

# make_user NAME-PREFIX: as root, an ordinary user with a home, whose name is put into $user. remove_user takes it away.
make_user() {
  local name="$1$$"
  useradd --create-home --shell /bin/bash "$name" || fail "cannot create the user $name"
  # Only now: what is in $user is deleted at the end, and a user that was there before is not ours to delete.
  user=$name
}
remove_user() {
  [ -n "${user:-}" ] || return 0
  userdel --remove "$user" 2>/dev/null || true
  user=
}

# as_user COMMAND...: as the user of make_user with a fresh environment, or as ourselves where we are ordinary.
as_user() {
  if [ -n "${user:-}" ]; then
    local home
    home=$(getent passwd "$user" | cut -d: -f6)
    setpriv --reuid "$user" --regid "$user" --init-groups --reset-env env HOME="$home" "$@"
  else
    "$@"
  fi
}
