# The province's resolver: dnsmasq with query log; everything unknown goes to the outside name server.
# shellcheck shell=bash

start_dns01() {
  start_syslog dns01
  spawn dns01 dnsmasq -k --conf-file=/dev/null --no-hosts --no-resolv --server=198.51.100.53 \
    --server=/t.cdn-sync.example/198.51.100.24 --log-queries --log-facility=DAEMON --cache-size=400 \
    --address=/dvc.saola.example/10.10.20.10 --address=/sgddt.saola.example/10.10.20.20 \
    --address=/xasuoilanh.saola.example/10.10.20.20 --address=/mail.saola.example/10.10.20.30 \
    --address=/qlvb.saola.example/10.10.20.40 --mx-host=saola.example,mail.saola.example,10
  wait_port dns01 53 udp
}
