# Starts all ordinary users at once and waits for them. Sourced by record.sh.
# shellcheck shell=bash

# users HOST SCRIPT [ARGUMENT...]: runs one of this folder's Python scripts in a host for the recording's length.
users() {
  local host=$1 script=$2; shift 2
  on "$host" mkdir -p /tmp/ordinary
  put "$host" "$here/ordinary/lib.py" /tmp/ordinary/lib.py
  put "$host" "$here/ordinary/$script.py" "/tmp/ordinary/$script.py"
  on "$host" timeout $((minutes * 60 + 30)) python3 "/tmp/ordinary/$script.py" $((minutes * 60)) "$@" \
    >>"$work/log/ordinary-$script-$host" 2>&1 </dev/null &
}

run_ordinary() {
  users citizens citizens
  users crawlers crawlers
  users pc-syt officials 10.10.31.11 10.10.31.12 10.10.31.13 10.10.31.14
  users pc-suoilanh officials 10.10.32.12
  users pc-stc officials 10.10.33.13 10.10.33.14
  users dvc-web01 services
  admins_work $((minutes * 60)) &
  letters_work $((minutes * 60)) &
  tools_work $((minutes * 60)) &
  wait
}
