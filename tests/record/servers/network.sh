# The recorded province: who has which address. Sourced by record.sh. There is no route to any real network.
# shellcheck shell=bash

build_network() {
  router_up
  segment_up home 10.10.0.1/16
  segment_up ext 203.0.113.1/24 198.51.100.1/24
  local gateway=10.10.0.1 resolver=10.10.20.53
  # the province (HOME)
  host_up dns01 home $gateway 198.51.100.53 10.10.20.53/16
  host_up dvc-web01 home $gateway $resolver 10.10.20.10/16
  host_up sites01 home $gateway $resolver 10.10.20.20/16
  host_up mail01 home $gateway $resolver 10.10.20.30/16
  host_up qlvb01 home $gateway $resolver 10.10.20.40/16
  host_up stc-db01 home $gateway $resolver 10.10.20.60/16
  host_up lgsp01 home $gateway $resolver 10.10.20.70/16
  host_up cam01 home $gateway $resolver 10.10.40.11/16
  host_up pc-syt home $gateway $resolver 10.10.31.{11,12,13,14}/16
  host_up pc-suoilanh home $gateway $resolver 10.10.32.12/16
  host_up pc-stc home $gateway $resolver 10.10.33.{13,14}/16
  host_up pc-qtht home $gateway $resolver 10.10.30.5/16
  # the Internet (EXTERNAL)
  host_up citizens ext 203.0.113.1 198.51.100.53 203.0.113.{100,101,102,103,104,105,106,107,108,109,110,111}/24
  host_up internet ext 198.51.100.1 198.51.100.53 198.51.100.{44,53,25}/24
  host_up crawlers ext 198.51.100.1 198.51.100.53 198.51.100.{201,202}/24
  host_up attacker-scan ext 203.0.113.1 198.51.100.53 203.0.113.66/24
  host_up attacker-ssh ext 203.0.113.1 198.51.100.53 203.0.113.77/24
  host_up attacker-https ext 203.0.113.1 198.51.100.53 203.0.113.88/24
  host_up attacker-shell ext 203.0.113.1 198.51.100.53 203.0.113.99/24
  host_up attacker-mail ext 198.51.100.1 198.51.100.53 198.51.100.90/24
  host_up attacker-cam ext 198.51.100.1 198.51.100.53 198.51.100.91/24
  host_up c2 ext 198.51.100.1 198.51.100.53 198.51.100.{23,24}/24
}
