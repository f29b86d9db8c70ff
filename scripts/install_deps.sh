#!/bin/sh
# Installs the Debian 12 packages that Dovetail is built and run with; does nothing if all are there.
# docs/dependencies.md says what each is for. DOVETAIL_SKIP_INSTALL=1 leaves the system alone.
set -eu

packages='g++ cmake ninja-build pkg-config
  libsystemc-dev libeigen3-dev libyaml-cpp-dev libcli11-dev nlohmann-json3-dev libfmt-dev
  libhdf5-dev libsqlite3-dev libboost-dev libpagmo-dev libnlopt-dev libonnx-dev libprotobuf-dev
  libxgboost-dev zlib1g-dev libtorch-dev libopenblas0-openmp
  libboost-mpi-dev libopenmpi-dev openmpi-bin
  libgrpc++-dev protobuf-compiler-grpc
  libgtest-dev libgmock-dev libbenchmark-dev
  clang-format help2man
  python3-matplotlib python3-sklearn python3-h5py python3-onnx python3-pandas python3-optuna'

die() {
  echo "install_deps.sh: $*" >&2
  exit 1
}

if [ "${DOVETAIL_SKIP_INSTALL:-0}" = 1 ]; then
  echo 'Dependencies: not looked at (DOVETAIL_SKIP_INSTALL=1).'
  exit 0
fi

missing=''
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || status=none
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo 'Dependencies: all packages are installed.'
  exit 0
fi

by_hand="Install what stands for these packages on your system, then set DOVETAIL_SKIP_INSTALL=1:$missing"
command -v apt-get >/dev/null 2>&1 || die "there is no apt-get here. $by_hand"
# shellcheck source=/dev/null
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}") || system=unknown
[ "$system" = 'debian 12' ] || die "this is '$system' and the packages are those of Debian 12. $by_hand"

if [ "$(id -u)" -eq 0 ]; then
  as_root=''
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  die "packages are missing and only root can install them; there is no sudo. As root, run:
  apt-get update && apt-get install --no-install-recommends$missing"
fi

echo "Dependencies: installing$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q update ||
  die 'apt-get update failed; see the line above (no network, or sudo refused)'
# shellcheck disable=SC2086  # one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y \
  install --no-install-recommends $packages || die 'apt-get install failed; see the lines above'
