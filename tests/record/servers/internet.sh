# The outside world that ordinary traffic needs: a name server that answers everything, web servers, a mail server.
# shellcheck shell=bash

start_internet() {
  local h=internet
  start_syslog $h
  spawn $h dnsmasq -k --conf-file=/dev/null --no-hosts --no-resolv --listen-address=198.51.100.53 --bind-interfaces \
    --address=/#/198.51.100.44 --address=/update.win-telemetry-cdn.example/198.51.100.23 \
    --address=/saola.example/10.10.20.10 --local=/example/ --local=/arpa/ \
    --txt-record=mail-ngoai.example,'v=spf1 mx -all' \
    --txt-record=k1._domainkey.mail-ngoai.example,'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDf' \
    --mx-host=mail-ngoai.example,mx.mail-ngoai.example,10
  wait_port $h 53 udp
  self_made_certificate $h bao.example /etc/ssl/bao
  put $h "$here/servers/internet.nginx" /etc/nginx/sites-enabled/default
  on $h bash -c 'cat >/tmp/make_pages.py' <"$here/site/make_pages.py"
  on $h python3 /tmp/make_pages.py sgddt /srv/bao
  on $h bash -c 'cat >/tmp/make_programs.py' <"$here/site/make_programs.py"
  on $h python3 /tmp/make_programs.py pe /srv/bao/KB5031234-x64.exe
  spawn $h nginx -g 'daemon off;'
  wait_port $h 443
  start_postfix $h mx.mail-ngoai.example mail-ngoai.example 10.10.20.30
  # Outside, mail for saola.example goes to the province; nothing else leaves.
  add_mailbox $h congdan mail-ngoai.example 'cd-2026'
}
