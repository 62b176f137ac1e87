# Document management: only its ssh side is recorded. One clerk has a weak password. stc-db01 is the finance database's host.
# shellcheck shell=bash

start_qlvb01() {
  start_syslog qlvb01
  start_sshd qlvb01
  start_cron qlvb01
  add_account qlvb01 quantri 'Qt-Saola-2026!' sudo
  add_account qlvb01 vanthu 'vanthu123'
  add_account qlvb01 saoluu 'Sl-7731-kho'
}

start_stc_db01() {
  start_syslog stc-db01
  start_sshd stc-db01
  start_cron stc-db01
  add_account stc-db01 quantri 'Qt-Saola-2026!' sudo
  add_account stc-db01 ketoan 'Kt-2026-stc' sudo
}
