#!/usr/bin/env bash
# Tries the front door on a bare machine: a Debian 12 minbase in a chroot, with a clone of this
# checkout's HEAD, the way a user would begin (make, git and ca-certificates and nothing else).
# Needs root, debootstrap and the network. What a machine needs to reach its package sources is
# handed over by options; nothing else of the host is seen inside.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: tools/try_bare.sh [options] [COMMAND]      COMMAND is run in the clone; default: make test
  --dir DIR         where the chroot is made           (default: a new folder below /tmp)
  --mirror URL      Debian mirror                      (default: that of debootstrap)
  --apt-sources F   put into /etc/apt/sources.list.d   (may be given again)
  --apt-conf F      put into /etc/apt/apt.conf.d       (may be given again)
  --npmrc F         root's .npmrc
  --ca F            certificates to trust as well (PEM)
  --env NAME=VALUE  set for COMMAND                    (may be given again)
  --user            run COMMAND as an ordinary user with sudo instead of root
  --data DIR        mounted read-only beside the clone as ../shared/data
  --keep            leave the chroot when done
TEXT
}

dir='' mirror='' npmrc='' ca='' keep='' user='' data=''
sources=() confs=() settings=()
while [ $# -gt 0 ]; do
  case "$1" in
    --dir) dir=$2; shift 2 ;;
    --mirror) mirror=$2; shift 2 ;;
    --apt-sources) sources+=("$2"); shift 2 ;;
    --apt-conf) confs+=("$2"); shift 2 ;;
    --npmrc) npmrc=$2; shift 2 ;;
    --ca) ca=$2; shift 2 ;;
    --env) settings+=("$2"); shift 2 ;;
    --user) user=yes; shift ;;
    --data) data=$2; shift 2 ;;
    --keep) keep=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) break ;;
  esac
done
command=("${@:-make test}")
[ "$(id -u)" -eq 0 ] || { echo "try_bare: needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "try_bare: needs debootstrap" >&2; exit 2; }

dir=${dir:-$(mktemp -d /tmp/tideline-bare.XXXXXX)}
mounts=()
leave() {
  local mounted
  for mounted in "${mounts[@]}"; do umount -l "$mounted" || true; done
  # Only ever the folder that was made here, and never through a mount.
  if [ -z "$keep" ] && ! grep -q " $dir/" /proc/mounts; then
    rm -rf --one-file-system "$dir"
  else
    echo "try_bare: left in $dir"
  fi
}
trap leave EXIT

mount_in() {
  mkdir -p "$dir/$2"
  mount "${@:3}" "$1" "$dir/$2"
  mounts=("$dir/$2" "${mounts[@]}")
}

inside() {
  chroot "$dir" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${settings[@]}" "$@"
}

if [ ! -x "$dir/usr/bin/apt-get" ]; then
  made=$(mktemp)
  echo "try_bare: making a Debian 12 minbase in $dir"
  debootstrap --variant=minbase bookworm "$dir" ${mirror:+"$mirror"} >"$made" 2>&1 ||
    { tail -n 20 "$made" >&2; exit 1; }
  rm -f "$made"
fi
mount_in proc proc -t proc
mount_in /dev dev --bind
cp /etc/resolv.conf /etc/hosts "$dir/etc/"
for file in "${sources[@]}"; do cp "$file" "$dir/etc/apt/sources.list.d/"; done
for file in "${confs[@]}"; do cp "$file" "$dir/etc/apt/apt.conf.d/"; done
if [ -n "$npmrc" ]; then cp "$npmrc" "$dir/root/.npmrc"; fi

echo "try_bare: what a user brings: make, git, ca-certificates"
inside apt-get -q update >/dev/null
inside apt-get -q install -y --no-install-recommends make git ca-certificates \
  ${user:+sudo} >/dev/null
if [ -n "$ca" ]; then
  cp "$ca" "$dir/usr/local/share/ca-certificates/tideline-try.crt"
  inside update-ca-certificates >/dev/null 2>&1
fi

# Named afresh each time, so that nothing in the clone can name it.
place=srv/clone-$$
rm -rf "${dir:?}"/srv/clone-*
mkdir -p "$dir/$place"
git clone -q . "$dir/$place/tideline"
if [ -n "$data" ]; then mount_in "$data" "$place/shared/data" --bind -o ro; fi
if [ -n "$user" ]; then
  inside useradd --create-home --groups sudo tester 2>/dev/null || true
  echo 'tester ALL=(ALL) NOPASSWD:ALL' >"$dir/etc/sudoers.d/tester"
  if [ -n "$npmrc" ]; then
    inside sh -c "install -o tester /root/.npmrc ~tester/.npmrc"
  fi
  inside chown -R tester: /$place/tideline
fi

echo "try_bare: ${command[*]}"
started=$(date +%s)
status=0
if [ -n "$user" ]; then
  inside su tester -c "cd /$place/tideline && ${command[*]}" || status=$?
else
  inside bash -c "cd /$place/tideline && ${command[*]}" || status=$?
fi
echo "try_bare: ended with status $status after $(($(date +%s) - started)) s"
exit "$status"
