# The public service portal: nginx (HTTP and HTTPS) and PHP-FPM over SQLite, with three real faults that the attacks
# use: an injectable look-up, a download script that follows "../", an upload that keeps any file name.
# shellcheck shell=bash

start_dvc_web01() {
  local h=dvc-web01
  start_syslog $h
  start_sshd $h
  start_cron $h
  add_account $h quantri 'Qt-Saola-2026!' sudo
  self_made_certificate $h dvc.saola.example /etc/ssl/dvc
  put $h "$here/servers/dvc-web01.nginx" /etc/nginx/sites-enabled/default
  put $h "$here/servers/php-pool.conf" /etc/php/8.2/fpm/pool.d/www.conf
  on $h mkdir -p /srv/dvc/tai-len /srv/dvc/mau-don /var/lib/dvc
  on $h bash -c 'cat >/tmp/make_pages.py' <"$here/site/make_pages.py"
  on $h python3 /tmp/make_pages.py dvc /srv/dvc
  local page
  for page in "$here"/site/php/*.php; do put $h "$page" "/srv/dvc/$(basename "$page")"; done
  on $h bash -c 'cat >/tmp/make_database.php' <"$here/site/make_database.php"
  on $h php-cgi8.2 -q /tmp/make_database.php
  on $h chown -R www-data:www-data /srv/dvc/tai-len /var/lib/dvc
  spawn $h php-fpm8.2 -F
  spawn $h nginx -g 'daemon off;'
  wait_port $h 80
  wait_port $h 443
}
