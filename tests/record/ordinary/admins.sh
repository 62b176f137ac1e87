# System administrators at pc-qtht: ssh with key and password, scp, sudo, one mistyped password. Sourced by record.sh.
# shellcheck shell=bash

readonly ssh_quiet='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'

# as_admin HOST_IP COMMAND: what the administrator types, over ssh with the agent's key.
as_admin() {
  local ip=$1; shift
  # shellcheck disable=SC2086
  on pc-qtht ssh $ssh_quiet -i /root/.ssh/id_ed25519 "quantri@$ip" "$@" >>"$work/log/admins" 2>&1 || true
}

prepare_admins() {
  on pc-qtht bash -c 'mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/id_ed25519'
  local key host
  key=$(on pc-qtht cat /root/.ssh/id_ed25519.pub)
  for host in dvc-web01 qlvb01 stc-db01; do
    on $host bash -c "mkdir -p /home/quantri/.ssh && echo '$key' >/home/quantri/.ssh/authorized_keys && chown -R quantri: /home/quantri/.ssh"
    on $host bash -c 'echo "quantri ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/quantri && chmod 440 /etc/sudoers.d/quantri'
  done
}

admins_work() {
  local seconds=$1 begin=$SECONDS round=0 ip
  while [ $((SECONDS - begin)) -lt "$seconds" ]; do
    round=$((round + 1))
    for ip in 10.10.20.10 10.10.20.40 10.10.20.60; do
      as_admin $ip 'uptime; df -h /; who'
      as_admin $ip 'sudo systemctl status nginx; sudo tail -2 /var/log/syslog'
    done
    # shellcheck disable=SC2086
    [ $((round % 4)) != 0 ] || on pc-qtht scp -q $ssh_quiet -i /root/.ssh/id_ed25519 /etc/services quantri@10.10.20.40:/tmp/sao-luu-$round 2>>"$work/log/admins" || true
    # shellcheck disable=SC2086
    on pc-suoilanh sshpass -p 'Sl-7731-kho' ssh $ssh_quiet saoluu@10.10.20.40 'ls -l; date' >>"$work/log/admins" 2>&1 || true
    if [ $round = 2 ]; then
      # shellcheck disable=SC2086
      on pc-suoilanh sshpass -p 'Sl-7731-khi' ssh $ssh_quiet saoluu@10.10.20.40 true 2>/dev/null || true
    fi
    sleep 10
  done
}
