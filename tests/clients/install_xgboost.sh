#!/usr/bin/env bash
# XGBoost for tests/clients/xgboost_test.py, below build/tools; run again it does nothing.
#
#   install_xgboost.sh python-xgboost            Debian's python3-xgboost, unpacked. Not installed:
#                                                its scipy wants libboost-dev, which conflicts with
#                                                the Boost that the build needs.
#   install_xgboost.sh python-xgboost-3 PYTHON   a recent one from PyPI, for that Python
set -euo pipefail
cd "$(dirname "$0")/../.."
there=build/tools/$1
[ -e "$there/done" ] && exit 0

rm -rf "$there" "$there.new"
mkdir -p "$there.new"
cd "$there.new"
case "$1" in
  python-xgboost)
    apt-get -q download python3-xgboost python3-scipy python3-numpy python3-decorator \
      libgfortran5 libquadmath0 libblas3 liblapack3 liblbfgsb0 libxgboost0 libdmlc0
    for package in ./*.deb; do dpkg-deb -x "$package" . && rm "$package"; done
    ;;
  python-xgboost-3)
    "$2" -m pip install -q --no-deps --only-binary :all: --disable-pip-version-check --target . \
      xgboost-cpu==3.2.0 numpy==2.4.6 scipy==1.17.1
    ;;
esac
touch done
cd ..
mv "$1.new" "$1"
