# The kernel's own audit trail of what the portal's web user runs. The kernel has one trail for all namespaces, so the rule
# is bound to www-data (only dvc-web01 runs programs under it) and auditd names the host.
# shellcheck shell=bash

start_audit() {
  mkdir -p "$work/audit"
  cat >"$work/audit/auditd.conf" <<CONF
local_events = yes
write_logs = yes
log_file = $work/audit/audit.log
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 20
name_format = user
name = dvc-web01
max_log_file = 20
max_log_file_action = IGNORE
space_left = 50
space_left_action = IGNORE
admin_space_left = 20
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
CONF
  chmod 600 "$work/audit/auditd.conf"
  auditctl -D >/dev/null
  auditd -n -c "$work/audit" >"$work/log/auditd.out" 2>&1 &
  audit_pid=$!
  local tries
  for tries in $(seq 50); do
    [ "$(auditctl -s | awk '$1 == "pid" {print $2}')" = "$audit_pid" ] && break
    sleep 0.1
  done
  [ "$tries" -lt 50 ] || { echo "record: auditd did not attach to the kernel" >&2; return 1; }
  auditctl -e 1 >/dev/null
  # What sshd and sudo of all hosts say to the kernel is left out: it would carry the wrong host's name.
  auditctl -a always,exclude -F 'msgtype>=1005' -F 'msgtype<=1199'
  auditctl -a always,exclude -F 'msgtype>=1700' -F 'msgtype<=1799'
  auditctl -a always,exit -F arch=b64 -S execve -F euid=33 -k web_exec
}

stop_audit() {
  auditctl -D >/dev/null 2>&1 || true
  auditctl -e 0 >/dev/null 2>&1 || true
  [ -z "${audit_pid:-}" ] || kill "$audit_pid" 2>/dev/null || true
}
