# Letters from outside by swaks, plain and with an attachment; a few refused by the server. Sourced by record.sh.
# shellcheck shell=bash

letters_work() {
  local seconds=$1 begin=$SECONDS round=0
  while [ $((SECONDS - begin)) -lt "$seconds" ]; do
    round=$((round + 1))
    on internet swaks --silent 3 --server 10.10.20.30 --local-interface 198.51.100.25 --helo mx.mail-ngoai.example \
      --from congdan@mail-ngoai.example --to vanthu@saola.example --h-Subject "Hoi thu tuc so $round" \
      --body "Xin hoi ho so HS000$round da xong chua?" >>"$work/log/letters" 2>&1 || true
    if [ $((round % 10)) = 0 ]; then
      on internet swaks --silent 3 --server 10.10.20.30 --helo mx.mail-ngoai.example --from congdan@mail-ngoai.example \
        --to ai-do@noi-khac.example >>"$work/log/letters" 2>&1 || true
    fi
    sleep 4
  done
}
