# Sourced by record.sh and by the live test: how what they started ends, and which servers they start.
# shellcheck shell=bash

# end_descendants PID: ends what PID started, youngest generation first, by process id.
end_descendants() {
  local child
  for child in $(pgrep -P "$1"); do
    end_descendants "$child"
    kill -KILL "$child" 2>/dev/null || true
  done
}

start_all_servers() {
  start_internet
  start_dns01
  start_dvc_web01
  start_sites01
  start_mail01
  start_qlvb01
  start_stc_db01
  start_lgsp01
  start_cam01
  start_c2
  prepare_admins
}
