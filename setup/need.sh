#!/usr/bin/env bash
# Installs what is missing for the parts named: compiler, solver, database, node, browser. Says what, why and how; else silent.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- compiler solver database node browser
parts=$*

# A target/ made by an administrator for someone else must stay that person's.
mkdir -p target
touch target/setup.log
[ "$(id -u)" != 0 ] || chown --reference=. target target/setup.log
export log=target/setup.log

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether this user may install: root, or sudo without a password, or sudo and someone there to type it.
may_install() {
  [ "$(id -u)" = 0 ] || { has sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; }
}

# Once a run, before the first package: the names and versions that this distribution has today.
listed=
update_lists() {
  [ -z "$listed" ] || return 0
  listed=yes
  has apt-get || fail "this is not a Debian or Ubuntu: please install for $parts by hand:" \
    "  a C and C++ compiler, make, CMake, libclang, PostgreSQL with PostGIS, Node 18 or later with npm, Chromium with a Chinese font (for make test)"
  may_install || fail "needs packages for: $parts. This user cannot install them. As an administrator, run once:" \
    "  cd $PWD && ./setup/need.sh $parts"
  say "reading the lists of packages: apt-get update"
  # One source that does not answer is no reason to stop: the packages themselves will tell.
  TRIES=2 as_root_quietly apt-get -o Acquire::Retries=3 update 2>>"$log" || say "not every list could be read; going on"
}

as_root_quietly() {
  as_root env DEBIAN_FRONTEND=noninteractive TRIES="${TRIES:-1}" setup/quietly.sh "$log" "$@"
}

# install WHY PACKAGE...
install() {
  local why=$1
  shift
  update_lists
  say "$why: apt-get install -y --no-install-recommends $*"
  # A fresh Ubuntu is busy with its own updates for the first minutes; the lock is worth waiting for.
  TRIES=3 as_root_quietly apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold \
    install -y --no-install-recommends "$@"
}

need_compiler() {
  has cargo || fail "Rust is missing: please install it with rustup and try again"
  has cc || install "a C linker, for Rust" gcc libc6-dev
}

# The solver (HiGHS) is C++ that cargo builds with CMake; its binding is read from its header by libclang, which needs its
# own headers beside it.
need_solver() {
  local missing=()
  has c++ || missing+=(g++)
  has make || missing+=(make)
  has cmake || missing+=(cmake)
  if [ -z "${LIBCLANG_PATH:-}" ] && ! { compgen -G '/usr/lib/llvm-*/lib/libclang.so*' &&
    compgen -G '/usr/lib/llvm-*/lib/clang/*/include/stddef.h'; } >/dev/null; then
    missing+=(libclang-dev)
  fi
  [ ${#missing[@]} = 0 ] || install "what the solver for siting is built with (three minutes, once)" "${missing[@]}"
}

# The newest PostgreSQL whose server programs are here, by its major number.
server() {
  local programs
  for programs in /usr/lib/postgresql/*/bin/initdb; do
    if [ -x "$programs" ]; then basename "$(dirname "$(dirname "$programs")")"; fi
  done | sort -n | tail -1
}

need_database() {
  local version
  if [ -z "$(server)" ] && has pg_config && [ -x "$(pg_config --bindir)/initdb" ]; then
    # Not the distribution's: only its owner can add PostGIS to it.
    [ -e "$(pg_config --sharedir)/extension/postgis.control" ] || fail "PostGIS is missing beside $(pg_config --bindir)"
    return
  fi
  if [ -z "$(server)" ]; then
    update_lists
    # The program owns a private cluster; the one that Debian would make and start is not wanted. Asked before, not after.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      say "no cluster of the distribution's own: create_main_cluster = false in /etc/postgresql-common/createcluster.conf"
      as_root mkdir -p /etc/postgresql-common
      echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    version=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -1)
    install "PostgreSQL with PostGIS, for the record" postgresql "postgresql-$version-postgis-3"
  fi
  version=$(server)
  [ -n "$version" ] || fail "PostgreSQL was installed, but its server programs are not in /usr/lib/postgresql"
  [ -e "/usr/share/postgresql/$version/extension/postgis.control" ] ||
    install "PostGIS for PostgreSQL $version, for the record" "postgresql-$version-postgis-3"
}

node_is_enough() {
  has node && [ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ]
}

need_node() {
  PATH=$PWD/target/node/node_modules/.bin:$PATH
  if ! has node; then install "Node, for the map's assets" nodejs; fi
  if ! has npm; then install "npm, for the map's assets" npm; fi
  if ! node_is_enough; then
    # Ubuntu 22.04 has Node 12. npm itself can bring a newer one, for this project only.
    say "Node 18 or later, for the map's assets: npm install --prefix target/node node@22"
    TRIES=3 setup/quietly.sh "$log" npm install --prefix target/node --no-save --no-audit --no-fund node@22
    node_is_enough || fail "Node is older than 18: $(node --version). Please install a newer one and try again"
  fi
}

need_browser() {
  if ! compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null; then
    install "a font with Chinese characters, for the browser tests" fonts-noto-cjk
  fi
  # On Ubuntu chromium-browser is a note that asks for a snap, which a script should not force on anyone: make test
  # then says that it skips the browser tests, and how not to.
  if ! has chromium && ! has "${CHROMIUM:-chromium-browser}" && ! has google-chrome && ! grep -q '^ID=ubuntu' /etc/os-release; then
    install "Chromium, for the browser tests" chromium
  fi
}

for part in $parts; do
  "need_$part"
done
