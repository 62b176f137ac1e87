# Port scan of four servers, then a service scan of the portal.
# shellcheck shell=bash

attack_scan() {
  on attacker-scan timeout 60 nmap -n -Pn -sS -F --max-rate 80 10.10.20.10 10.10.20.20 10.10.20.30 10.10.20.40
  on attacker-scan timeout 60 nmap -n -Pn -sV -p 80 --script http-title,http-methods,http-headers 10.10.20.10
}
