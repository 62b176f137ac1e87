# Order and time of the attacks. Sourced by record.sh. Every attack is one file `NAME.sh` with one function `attack_NAME`
# and one entry in attacks.toml; its begin and end are kept for the manifest.
# shellcheck shell=bash

# attack NAME: runs it under a time limit of its own making and marks its minutes.
attack() {
  date -u +%Y-%m-%dT%H:%M:%S.%3NZ >"$work/marks/$1.begin"
  "attack_${1//-/_}" >>"$work/log/attack-$1" 2>&1 || echo "record: attack $1 ended with status $?" >&2
  date -u +%Y-%m-%dT%H:%M:%S.%3NZ >"$work/marks/$1.end"
}

# at SECOND NAME: starts an attack SECOND seconds after the recording began, on its own.
at() { (sleep "$1"; attack "$2") & }

run_attacks() {
  at 20 scan
  at 50 sql-injection
  at 75 ssh-brute-force
  at 100 malware-download
  at 140 web-shell
  at 185 gambling-pages
  at 205 camera
  at 230 dns-tunnel
  at 260 hidden-exploits
  at 290 mail-account
  at 320 sudo-abuse
  wait
}
