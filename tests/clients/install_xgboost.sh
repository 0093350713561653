#!/usr/bin/env bash
# Unpacks Debian's python3-xgboost with what it needs into build/tools/python-xgboost, for
# tests/clients/xgboost_test.py. Not installed: its scipy wants libboost-dev, which conflicts
# with the Boost that the build needs. Run again it does nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
there=build/tools/python-xgboost
[ -e "$there/done" ] && exit 0

rm -rf "$there" "$there.new"
mkdir -p "$there.new"
cd "$there.new"
apt-get -q download python3-xgboost python3-scipy python3-numpy python3-decorator \
  libgfortran5 libquadmath0 libblas3 liblapack3 liblbfgsb0 libxgboost0 libdmlc0
for package in ./*.deb; do dpkg-deb -x "$package" . && rm "$package"; done
mkdir -p usr/lib/python3/dist-packages/xgboost/lib
ln -sfn ../../../../x86_64-linux-gnu/libxgboost.so.0 \
  usr/lib/python3/dist-packages/xgboost/lib/libxgboost.so
touch done
cd ..
mv python-xgboost.new python-xgboost
