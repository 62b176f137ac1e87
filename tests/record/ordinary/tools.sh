# Ordinary use of command-line clients: curl and wget against the portal, as monitoring scripts do. Sourced by record.sh.
# shellcheck shell=bash

tools_work() {
  local seconds=$1 begin=$SECONDS number
  while [ $((SECONDS - begin)) -lt "$seconds" ]; do
    number=$((RANDOM % 40 + 1))
    on pc-qtht curl -s -o /dev/null "http://dvc.saola.example/thu-tuc/$(printf %02d $number).html" || true
    on pc-qtht curl -sk -o /dev/null https://dvc.saola.example/ || true
    on pc-qtht wget -q -O /dev/null http://sgddt.saola.example/ || true
    on pc-qtht dig +short dvc.saola.example MX >/dev/null || true
    on pc-qtht ping -c 1 -q 10.10.20.10 >/dev/null || true
    sleep 5
  done
}
