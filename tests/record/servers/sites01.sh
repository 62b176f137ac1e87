# One machine with the sites of several agencies. The commune's site was planted with gambling pages: search engines and
# their visitors are served what the ordinary visitor never sees (cloaking).
# shellcheck shell=bash

start_sites01() {
  local h=sites01
  start_syslog $h
  start_sshd $h
  put $h "$here/servers/sites01.nginx" /etc/nginx/sites-enabled/default
  on $h bash -c 'cat >/tmp/make_pages.py' <"$here/site/make_pages.py"
  on $h python3 /tmp/make_pages.py sgddt /srv/sgddt
  on $h python3 /tmp/make_pages.py suoilanh /srv/suoilanh
  on $h bash -c 'cat >/tmp/make_spam.py' <"$here/site/make_spam.py"
  on $h python3 /tmp/make_spam.py /srv/suoilanh
  spawn $h nginx -g 'daemon off;'
  wait_port $h 80
}
