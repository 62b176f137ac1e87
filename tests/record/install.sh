# Sourced by the recorders: installs Debian packages that are missing, and says which.

# need_packages NAME...: installs what dpkg does not have; starts no service (policy-rc.d in a chroot or
# container may already forbid it; invoke-rc.d is told so here too).
need_packages() {
  local name missing=()
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" = 0 ] || { echo "install: needs root to install: ${missing[*]}" >&2; return 1; }
  echo "install: apt-get install ${missing[*]}"
  local policy=/usr/sbin/policy-rc.d ours=no
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && ours=yes; fi
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
  [ $ours = no ] || rm -f $policy
}
