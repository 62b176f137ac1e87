# Sourced by run: one marked line by each usual syslog sender. marks.yml holds a rule for each; a group of each proves
# that its line came through. What was sent is listed in $work/sent.
# shellcheck shell=bash

send_marks() {
  on citizens logger -n 10.10.0.1 -P 514 -d -t live 'saola-live-mark logger-udp'
  on citizens logger -n 10.10.0.1 -P 514 -T -t live 'saola-live-mark logger-tcp'
  on citizens logger -n 10.10.0.1 -P 514 -T --octet-count -t live 'saola-live-mark logger-octets'
  on dvc-web01 logger -t live 'saola-live-mark rsyslog-tcp'
  printf '%s\n' logger-udp logger-tcp logger-octets rsyslog-tcp >>"$work/sent"
  if [ -d "$work/syslog-ng/usr" ]; then send_by_syslog_ng; else echo "SKIPPED syslog-ng: it cannot be downloaded" >&2; fi
}

# fetch_syslog_ng: its packages, unpacked beside; Debian lets it and rsyslog not be installed together.
fetch_syslog_ng() {
  mkdir -p "$work/debs/partial" "$work/syslog-ng"
  apt-get install -y -qq --no-install-recommends --download-only -o Dir::Cache::archives="$work/debs" syslog-ng-core \
    >/dev/null 2>&1 || return 0
  local package
  for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/syslog-ng"; done
}

# pc-qtht has no rsyslogd; syslog-ng takes its /dev/log and sends RFC 5424 over TCP and RFC 3164 over UDP.
send_by_syslog_ng() {
  local libraries=/opt/syslog-ng/usr/lib
  tar -C "$work/syslog-ng" -c . | on pc-qtht bash -c 'mkdir -p /opt/syslog-ng && tar -x -C /opt/syslog-ng'
  on pc-qtht bash -c 'cat >/tmp/syslog-ng.conf' <<'CONF'
@version: 3.38
source local { unix-dgram("/dev/log"); };
destination new { syslog("10.10.0.1" transport("tcp") port(514)); };
destination old { network("10.10.0.1" transport("udp") port(514)); };
log { source(local); destination(new); destination(old); };
CONF
  spawn pc-qtht env LD_LIBRARY_PATH="$libraries/syslog-ng:$libraries/x86_64-linux-gnu" /opt/syslog-ng/usr/sbin/syslog-ng -F -f /tmp/syslog-ng.conf \
    --module-path="$libraries/syslog-ng/3.38" -R /tmp/syslog-ng.persist -p /tmp/syslog-ng.pid -c /tmp/syslog-ng.ctl
  local tries
  for tries in $(seq 100); do
    on pc-qtht test -S /dev/log && break
    sleep 0.1
  done
  [ "$tries" -lt 100 ] || { echo "live: syslog-ng made no /dev/log" >&2; cat "$work/log/pc-qtht.out" >&2; return 1; }
  on pc-qtht logger -t live 'saola-live-mark syslog-ng'
  echo syslog-ng >>"$work/sent"
}
