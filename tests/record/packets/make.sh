#!/bin/bash
# Records the small captures of tests/fixtures/packets with real clients and servers: two network
# namespaces joined by one veth pair, tcpdump at the client's end. Needs root on Debian 12.
#
#   tests/record/packets/make.sh [OUT]        default OUT: tests/fixtures/packets
#
# Debian packages used (installed if missing): nginx-light dnsmasq bind9-dnsutils openssl curl tcpdump
# tshark (editcap) ethtool iproute2 iputils-ping python3
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../../fixtures/packets}")
work=$(mktemp -d /tmp/saola-packets.XXXXXX)
client=sp-client server=sp-server
pids=()
# Neighbour discovery, multicast reports and ARP are not what the captures are about.
quiet='not arp and not (icmp6 and ip6[40] >= 133) and not (ip6 and ip6[6] = 0)'

cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  ip netns del $client 2>/dev/null || true
  ip netns del $server 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

source "$here/../install.sh"
need_packages nginx-light dnsmasq bind9-dnsutils openssl curl tcpdump tshark ethtool iproute2 iputils-ping python3

on_client() { ip netns exec $client "$@"; }
on_server() { ip netns exec $server "$@"; }
spawn_on_server() { ip netns exec $server "$@" >"$work/server.log" 2>&1 & pids+=($!); }

build_network() {
  ip netns add $client
  ip netns add $server
  ip link add v0 netns $client address 02:00:00:00:01:10 type veth peer name v0 netns $server address 02:00:00:00:01:20
  on_client ip addr add 10.10.1.10/24 dev v0
  on_server ip addr add 10.10.1.20/24 dev v0
  on_client ip addr add fd00:10::10/64 dev v0 nodad
  on_server ip addr add fd00:10::20/64 dev v0 nodad
  for ns in $client $server; do
    ip -n $ns link set lo up
    ip -n $ns link set v0 up
    # Offload would leave half-made checksums and giant segments in the capture.
    ip netns exec $ns ethtool -K v0 tx off tso off gso off gro off >/dev/null
  done
}

start_servers() {
  mkdir -p "$work/www" "$work/nginx"
  chmod 755 "$work"
  python3 - "$work/www/index.html" <<'PY'
import sys
lines = (f"<p>{n}. Cổng thông tin điện tử tỉnh Saola - thủ tục hành chính, công đoàn, dân số.</p>\n" for n in range(100))
open(sys.argv[1], "w", encoding="utf-8").write("<!doctype html><meta charset=utf-8>\n" + "".join(lines))
PY
  cat >"$work/nginx.conf" <<NGINX
worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.err;
events { worker_connections 64; }
http {
  access_log off; types { text/html html; } default_type text/html; charset utf-8;
  client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
  uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
  gzip on; gzip_min_length 1; gzip_types *;
  server { listen 80; listen [::]:80; root $work/www;
    location = /nop-ho-so { client_body_in_single_buffer on; proxy_pass http://127.0.0.1:81/; } }
  server { listen 127.0.0.1:81; location / { return 200 "da nhan ho so\n"; } }
}
NGINX
  spawn_on_server nginx -c "$work/nginx.conf" -g 'daemon off;'
  local long=""
  for i in 1 2 3 4 5 6; do long+=",$(printf 'khoa-cong-khai-%03d-' $i; head -c 200 /dev/zero | tr '\0' "$i")"; done
  spawn_on_server dnsmasq -k --conf-file=/dev/null --no-resolv --no-hosts --pid-file="$work/dns.pid" \
    --listen-address=10.10.1.20 --bind-interfaces --edns-packet-max=4096 --local=/example/ \
    --address=/dvc.saola.example/10.10.1.20 --address=/dvc.saola.example/fd00:10::20 \
    --txt-record='saola.example,v=spf1 mx -all' --txt-record="lon.saola.example$long"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/C=VN/O=Tinh Saola/CN=dvc.saola.example' \
    -addext 'subjectAltName=DNS:dvc.saola.example' -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  spawn_on_server openssl s_server -accept 4432 -tls1_2 -alpn h2,http/1.1 -cert "$work/cert.pem" -key "$work/key.pem" -www
  spawn_on_server openssl s_server -accept 4433 -tls1_3 -alpn h2,http/1.1 -cert "$work/cert.pem" -key "$work/key.pem" -www
  wait_for_ports
}

wait_for_ports() {
  local tries
  for tries in $(seq 50); do
    if [ "$(on_server ss -Hlnt '( sport = :80 or sport = :53 or sport = :4432 or sport = :4433 )' | wc -l)" -ge 5 ]; then return; fi
    sleep 0.1
  done
  cat "$work/server.log" >&2
  echo "packets: a server did not open its port" >&2
  return 1
}

# record NAME COMMAND...: NAME.pcap holds what COMMAND sent and got.
record() {
  local name=$1; shift
  rm -f "$work/tcpdump.log"
  ip netns exec $client tcpdump -i v0 -s 0 --immediate-mode -U -w "$work/$name.pcap" "$quiet" 2>"$work/tcpdump.log" &
  local dump=$!
  until grep -q 'listening on' "$work/tcpdump.log" 2>/dev/null; do sleep 0.05; done
  "$@" >/dev/null 2>"$work/client.log" || { cat "$work/client.log" >&2; return 1; }
  sleep 0.4
  kill -INT $dump && wait $dump || true
  cp "$work/$name.pcap" "$out/$name.pcap"
}

upload() { # a form with a small PDF-like file, to a port that is not 80's habit
  printf '%%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%%%EOF\n' >"$work/don.pdf"
  on_client curl -sS -F 'ho_ten=Nguyễn Văn A' -F "tep=@$work/don.pdf;type=application/pdf" http://10.10.1.20/nop-ho-so
}
tls() { on_client openssl s_client -connect "10.10.1.20:$1" -servername dvc.saola.example -alpn h2,http/1.1 <<<$'GET / HTTP/1.0\r\n\r\n'; }

fragments() { # a small MTU makes both ends cut what is larger (and takes their IPv6 away: these come last)
  local mtu
  for mtu in 576 1500; do
    on_server ip link set v0 mtu $mtu
    on_client ip link set v0 mtu $mtu
    [ $mtu = 1500 ] || "$@"
  done
}

mkdir -p "$out"
build_network
start_servers
record http-get-gzip-chunked on_client curl -sS --compressed -A 'Mozilla/5.0 (X11; Linux x86_64)' -H 'Host: dvc.saola.example' http://10.10.1.20/index.html
record http-post-upload upload
record http-ipv6 on_client curl -sS -g -6 -H 'Host: dvc.saola.example' 'http://[fd00:10::20]/index.html'
record dns-udp-a on_client dig +noedns +tries=1 @10.10.1.20 dvc.saola.example A
record dns-udp-aaaa on_client dig +noedns +tries=1 @10.10.1.20 dvc.saola.example AAAA
record dns-udp-txt on_client dig +tries=1 @10.10.1.20 saola.example TXT
record dns-tcp-a on_client dig +tcp +tries=1 @10.10.1.20 dvc.saola.example A
record tls12-sni-alpn tls 4432
record tls13-sni-alpn tls 4433
record ipv6-ping on_client ping -6 -c 1 fd00:10::20
fragments record ipv4-fragments-dns on_client dig +notcp +ignore +bufsize=4096 +tries=1 @10.10.1.20 lon.saola.example TXT
fragments record ipv4-fragments-icmp on_client ping -c 2 -s 1900 10.10.1.20
python3 "$here/retag.py" "$out"
editcap -F pcapng "$out/http-get-gzip-chunked.pcap" "$out/http-get-gzip-chunked.pcapng"
editcap -F nsecpcap "$out/dns-udp-a.pcap" "$out/dns-udp-a-nanosecond.pcap"
ls -l "$out"
