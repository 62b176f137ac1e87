#!/bin/bash
# Records the demo: real servers, ordinary users and attackers in network namespaces, packets at the province's segment
# and the servers' own logs of the same minutes. Root on Debian 12; see README.md.
#
#   tests/record/record.sh [OUT]        default OUT: tests/fixtures/demo
#
# MINUTES (default 7) is how long ordinary traffic flows; everything is bounded by it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../fixtures/demo}")
minutes=${MINUTES:-7}
work=$(mktemp -d /tmp/saola-record.XXXXXX)
audit_pid='' dump_pid=''

for part in "$here"/install.sh "$here"/lib/hosts.sh "$here"/lib/province.sh "$here"/servers/*.sh "$here"/ordinary/*.sh "$here"/attacks/*.sh; do
  # shellcheck source=/dev/null
  source "$part"
done

cleanup() {
  disown -a
  [ -z "$dump_pid" ] || kill "$dump_pid" 2>/dev/null || true
  end_descendants $$
  stop_audit
  hosts_down
  umount "$work" 2>/dev/null || umount -l "$work" || true
  rmdir "$work" 2>/dev/null || true
}

start_capture() {
  ip netns exec sd-router tcpdump -i br-home -s 0 -B 32768 --immediate-mode -U -w "$work/traffic.pcap" 'not arp' \
    2>"$work/log/tcpdump" &
  dump_pid=$!
  until grep -q 'listening on' "$work/log/tcpdump" 2>/dev/null; do sleep 0.1; done
}

stop_capture() {
  sleep 1
  kill -INT "$dump_pid"
  wait "$dump_pid" || true
  dump_pid=''
  grep -E 'packets (captured|dropped)' "$work/log/tcpdump"
  grep -q '^0 packets dropped by kernel' "$work/log/tcpdump" || { echo "record: the kernel dropped packets" >&2; return 1; }
}

# What was logged while the hosts were set up (their accounts made, services started) is not part of the story.
empty_logs() {
  local name
  for name in "${hosts_in_order[@]}"; do on "$name" find /var/log -type f -exec truncate -s 0 {} +; done
}

main() {
  [ "$(id -u)" = 0 ] || { echo "record: run me as root" >&2; exit 1; }
  exec 9>/run/lock/saola-record
  flock -n 9 || { echo "record: another recording is at work" >&2; exit 1; }
  # shellcheck disable=SC2046
  need_packages $(grep -v '^#' "$here/packages")
  # An overlay cannot lie on an overlay, as in a container: memory holds the hosts' changes.
  mount -t tmpfs -o size=1g,mode=755 tmpfs "$work"
  mkdir -p "$work"/{log,hosts,marks,out}
  trap cleanup EXIT
  trap "exit 143" TERM INT
  build_network
  start_all_servers
  start_audit
  empty_logs
  start_capture
  date +%s >"$work/begin"
  run_ordinary &
  local ordinary_pid=$!
  # A shell of its own: `wait` there must not wait for the servers.
  (run_attacks)
  wait "$ordinary_pid"
  [ -z "${KEEP:-}" ] || cp -r "$work/log" "$work/marks" "$KEEP/"
  date +%s >"$work/end"
  stop_capture
  python3 "$here/collect.py" "$here" "$work" "$out"
  [ -z "${HOLD:-}" ] || sleep "$HOLD"
}

main
