# The planted pages of the commune's site: the search engine indexes them, its visitors are served them, others see 404.
# shellcheck shell=bash

attack_gambling_pages() {
  local page number=100 planted='nha-cai-uy-tin-2026 tai-xiu-online-doi-thuong no-hu-club soi-cau-bach-thu-lo game-bai-doi-thuong ca-cuoc-bong-da'
  local browser='Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36'
  for page in $planted; do
    on crawlers curl -s --interface 198.51.100.201 -A 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' \
      -o /dev/null "http://xasuoilanh.saola.example/upload/$page.html"
  done
  for page in $planted $planted $planted; do
    number=$((100 + (number + 1) % 12))
    on citizens curl -s --interface 203.0.113.$number -A "$browser" -e 'https://www.google.com/' -o /dev/null \
      "http://xasuoilanh.saola.example/upload/$page.html"
    sleep 0.5
  done
  on citizens curl -s --interface 203.0.113.105 -A "$browser" -o /dev/null http://xasuoilanh.saola.example/upload/nha-cai-uy-tin-2026.html
}
