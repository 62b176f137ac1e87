# The data axis' gateway, reached over HTTPS only: what the packets cannot show, its log must.
# shellcheck shell=bash

start_lgsp01() {
  local h=lgsp01
  start_syslog $h
  self_made_certificate $h lgsp.saola.example /etc/ssl/lgsp
  put $h "$here/servers/lgsp01.nginx" /etc/nginx/sites-enabled/default
  spawn $h nginx -g 'daemon off;'
  wait_port $h 443
}
