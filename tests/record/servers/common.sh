# What several hosts share: syslog, sshd, accounts. Sourced by record.sh.
# shellcheck shell=bash

# start_syslog HOST: a private rsyslogd on /dev/log with Debian's file names and time format.
start_syslog() {
  put "$1" "$here/servers/rsyslog.conf" /etc/rsyslog.conf
  [ -z "${forward_to:-}" ] || forward_syslog "$1" "$forward_to"
  spawn "$1" rsyslogd -n -i /run/rsyslogd.pid
  local tries
  for tries in $(seq 100); do
    on "$1" test -S /dev/log && return
    sleep 0.1
  done
  echo "record: rsyslogd on $1 made no /dev/log (try $tries)" >&2
  return 1
}

# forward_syslog HOST ADDRESS:PORT: everything goes there over TCP too, before any rule of rsyslog.conf can stop it.
forward_syslog() {
  on "$1" sed -i "1a action(type=\"omfwd\" target=\"${2%:*}\" port=\"${2#*:}\" protocol=\"tcp\" queue.type=\"linkedlist\"\\
  action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")" /etc/rsyslog.conf
}

# start_sshd HOST: sshd with PAM, own host keys, passwords allowed (that is what the attacker needs).
start_sshd() {
  on "$1" bash -c 'rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
  spawn "$1" /usr/sbin/sshd -D -o UsePAM=yes -o PasswordAuthentication=yes -o UseDNS=no -o PermitRootLogin=no
  wait_port "$1" 22
}

# add_account HOST NAME PASSWORD [GROUP]
add_account() {
  on "$1" useradd -m -s /bin/bash ${4:+-G "$4"} "$2"
  on "$1" chpasswd <<<"$2:$3"
}

# start_cron HOST: cron with one harmless job a minute, as on any server.
start_cron() {
  on "$1" bash -c 'echo "* * * * * root test -x /usr/sbin/logrotate || true" >/etc/cron.d/kiem-tra'
  spawn "$1" cron -f
}

# self_made_certificate HOST COMMON_NAME FILE_STEM
self_made_certificate() {
  on "$1" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 \
    -subj "/C=VN/ST=Saola/O=Uy ban nhan dan tinh Saola/CN=$2" -addext "subjectAltName=DNS:$2" -addext basicConstraints=critical,CA:FALSE \
    -keyout "$3.key" -out "$3.crt" 2>/dev/null
}
