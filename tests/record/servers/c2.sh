# Attackers' outside machine: files over plain HTTP and a TLS listener with OpenSSL's default subject on .23, an iodine server
# behind t.cdn-sync.example on .24. The camera's and the web shell's attackers serve from their own addresses.
# shellcheck shell=bash

start_c2() {
  local h=c2
  on $h bash -c 'mkdir -p /srv/kho; cat >/tmp/make_programs.py' <"$here/site/make_programs.py"
  on $h python3 /tmp/make_programs.py pe /srv/kho/hoa-don-thang-11.jpg
  on $h python3 /tmp/make_programs.py eicar /srv/kho/thu-nghiem.txt
  spawn $h python3 -m http.server --bind 198.51.100.23 --directory /srv/kho 80
  on $h openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/C=AU/ST=Some-State/O=Internet Widgits Pty Ltd' \
    -keyout /tmp/c2.key -out /tmp/c2.crt 2>/dev/null
  spawn $h openssl s_server -accept 198.51.100.23:8443 -tls1_2 -cert /tmp/c2.crt -key /tmp/c2.key -WWW
  spawn $h iodined -f -c -P saola-demo -l 198.51.100.24 172.31.99.1/24 t.cdn-sync.example
  wait_port $h 80
  wait_port $h 8443
  wait_port $h 53 udp
}
