# A traffic camera whose logs nobody collects: cam01.py stands for a well-known faulty firmware.
# shellcheck shell=bash

start_cam01() {
  on cam01 bash -c 'cat >/tmp/cam01.py' <"$here/servers/cam01.py"
  spawn cam01 python3 /tmp/cam01.py
  wait_port cam01 80
}
