#!/bin/bash
# First process of a recorded host. Runs inside fresh mount, UTS and PID namespaces, joined to the host's network
# namespace; makes a private copy-on-write root so that accounts, logs and /dev/log belong to this host alone.
#
#   host-init.sh FOLDER NAME RESOLVER
set -euo pipefail
folder=$1 name=$2 resolver=$3
root=$folder/root

mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/overlay" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

mkdir -p "$root"/dev/{pts,shm,net} "$root"/run/{sshd,php,lock}
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
mknod -m 600 "$root/dev/net/tun" c 10 200
chmod 1777 "$root/dev/shm"

hostname "$name"
echo "$name" >"$root/etc/hostname"
rm -f "$root/etc/resolv.conf"
echo "nameserver $resolver" >"$root/etc/resolv.conf"
cp "$folder/hosts" "$root/etc/hosts"
ln -sfn /usr/share/zoneinfo/Asia/Ho_Chi_Minh "$root/etc/localtime"
echo Asia/Ho_Chi_Minh >"$root/etc/timezone"
# The recording machine's own people and history are not the host's.
for table in passwd shadow group gshadow; do
  awk -F: 'NR == FNR { if ($3 >= 1000 && $3 < 60000) own[$1]; next } !($1 in own)' "$root/etc/passwd" "$root/etc/$table" >"$root/etc/$table.new"
done
for table in passwd shadow group gshadow; do
  chmod --reference="$root/etc/$table" "$root/etc/$table.new"
  chown --reference="$root/etc/$table" "$root/etc/$table.new"
  mv "$root/etc/$table.new" "$root/etc/$table"
done
mount -t tmpfs -o mode=755 tmpfs "$root/home"
find "$root/var/log" -type f -delete
rm -f "$root"/etc/cron.d/* "$root"/etc/cron.daily/*
# Bash stays as process 1, so that orphans are reaped.
exec chroot "$root" /bin/bash -c 'while sleep 3600; do :; done'
