# Sourced by record.sh: namespaces that behave like separate machines.
#
# A host is a network namespace `sd-NAME` plus mount, UTS and PID namespaces held by one process; `on NAME COMMAND`
# runs a command there as root, `spawn NAME COMMAND` leaves it running. Everything ends with that one process.
# shellcheck shell=bash

declare -A host_pid=()
hosts_in_order=()

# segment_up NAME GATEWAY/PREFIX...: a bridge in the router's namespace; the recorder listens at `home`.
segment_up() {
  local bridge=br-$1 address; shift
  ip -n sd-router link add "$bridge" type bridge
  for address in "$@"; do ip -n sd-router addr add "$address" dev "$bridge"; done
  ip -n sd-router link set "$bridge" up
  ip netns exec sd-router ethtool -K "$bridge" tx off tso off gso off gro off >/dev/null
}

router_up() {
  ip netns add sd-router
  ip netns exec sd-router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv4.icmp_ratelimit=0
  ip -n sd-router link set lo up
}

# host_up NAME SEGMENT GATEWAY RESOLVER ADDRESS/PREFIX...
host_up() {
  local name=$1 segment=$2 gateway=$3 resolver=$4; shift 4
  local namespace=sd-$name folder=$work/hosts/$name port=p-${1%/*} address
  port=p${port//[!0-9]/}
  mkdir -p "$folder"/{upper,overlay,root}
  cp "$here/lib/hosts-file" "$folder/hosts"
  ip netns add "$namespace"
  ip netns exec "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  ip link add eth0 netns "$namespace" type veth peer name "${port:0:15}" netns sd-router
  ip -n sd-router link set "${port:0:15}" master "br-$segment" up
  for address in "$@"; do ip -n "$namespace" addr add "$address" dev eth0; done
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" route add default via "$gateway"
  # Offload would leave half-made checksums and giant segments in the capture.
  ip netns exec "$namespace" ethtool -K eth0 tx off tso off gso off gro off >/dev/null
  ip netns exec sd-router ethtool -K "${port:0:15}" tx off tso off gso off gro off >/dev/null
  ip netns exec "$namespace" unshare --mount --uts --pid --fork \
    "$here/lib/host-init.sh" "$folder" "$name" "$resolver" >"$work/log/$name.init" 2>&1 &
  wait_for_host "$name" $!
}

# The child of `unshare --fork` is the host's process 1; it is ready when it has become the sleeping bash.
wait_for_host() {
  local name=$1 parent=$2 child tries
  for tries in $(seq 100); do
    child=$(pgrep -P "$parent" || true)
    if [ -n "$child" ] && grep -qa 'while sleep' "/proc/$child/cmdline"; then
      host_pid[$name]=$child
      hosts_in_order+=("$name")
      return
    fi
    sleep 0.05
  done
  echo "record: host $name did not come up (try $tries)" >&2
  cat "$work/log/$name.init" >&2
  return 1
}

on() {
  local name=$1; shift
  nsenter -t "${host_pid[$name]}" -m -u -n -p -r env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 TERM=xterm "$@"
}

spawn() {
  local name=$1; shift
  on "$name" "$@" >>"$work/log/$name.out" 2>&1 </dev/null &
}

# put NAME FILE TARGET [MODE]: copies a file of this folder into the host.
put() {
  on "$1" bash -c 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"' put "$3" "${4:-644}" <"$2"
}

# wait_port NAME PORT [udp]
wait_port() {
  local tries kind=-Hlnt
  [ "${3:-tcp}" = tcp ] || kind=-Hlnu
  for tries in $(seq 100); do
    [ -z "$(ip netns exec "sd-$1" ss $kind "sport = :$2")" ] || return 0
    sleep 0.1
  done
  echo "record: $1 does not listen on port $2 (try $tries)" >&2
  tail -20 "$work/log/$1.out" >&2
  return 1
}

hosts_down() {
  local name
  for name in "${hosts_in_order[@]}"; do kill -KILL "${host_pid[$name]}" 2>/dev/null || true; done
  sleep 0.3
  for name in $(ip netns list | awk '/^sd-/ {print $1}'); do ip netns del "$name" || true; done
}
