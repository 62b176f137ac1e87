# The province's mail server and, with the same recipe, one outside: Postfix, submission with STARTTLS and SASL
# (accounts in sasldb), virtual mailboxes, everything else relayed to the other side.
# shellcheck shell=bash

# start_postfix HOST MYHOSTNAME DOMAIN RELAY_IP
start_postfix() {
  local h=$1 name=$2 domain=$3 relay=$4
  on "$h" bash -c 'cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf && : >/etc/postfix/main.cf'
  self_made_certificate "$h" "$name" /etc/ssl/mail
  on "$h" postconf compatibility_level=3.6 "myhostname=$name" mydestination= "mynetworks=127.0.0.0/8" inet_protocols=ipv4 \
    "virtual_mailbox_domains=$domain" virtual_mailbox_base=/var/mail/vhosts virtual_mailbox_maps=static:chung/ \
    virtual_uid_maps=static:5000 virtual_gid_maps=static:5000 "relayhost=[$relay]" disable_dns_lookups=yes \
    smtpd_tls_cert_file=/etc/ssl/mail.crt smtpd_tls_key_file=/etc/ssl/mail.key smtpd_tls_security_level=may \
    smtp_tls_security_level=none smtpd_sasl_type=cyrus smtpd_sasl_path=smtpd smtpd_client_connection_rate_limit=0 \
    "smtpd_relay_restrictions=permit_mynetworks permit_sasl_authenticated reject_unauth_destination" \
    "smtpd_recipient_restrictions=" smtpd_soft_error_limit=40 smtpd_hard_error_limit=60 smtpd_error_sleep_time=0
  on "$h" postconf -M submission/inet='submission inet n - n - - smtpd'
  on "$h" postconf -P submission/inet/smtpd_sasl_auth_enable=yes submission/inet/smtpd_tls_security_level=encrypt \
    submission/inet/syslog_name=postfix/submission
  # No chroot: the private root of the host is fence enough.
  on "$h" postconf -F '*/*/chroot = n'
  on "$h" bash -c 'mkdir -p /etc/postfix/sasl /var/mail/vhosts && chown 5000:5000 /var/mail/vhosts &&
    printf "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n" >/etc/postfix/sasl/smtpd.conf'
  spawn "$h" postfix start-fg
  wait_port "$h" 25
  wait_port "$h" 587
}

# add_mailbox HOST USER DOMAIN PASSWORD
add_mailbox() {
  on "$1" saslpasswd2 -p -c -u "$3" "$2" <<<"$4"
  on "$1" chmod 644 /etc/sasldb2
}

start_mail01() {
  start_syslog mail01
  start_postfix mail01 mail.saola.example saola.example 198.51.100.25
  add_mailbox mail01 vanthu saola.example 'Vt-2026-hop'
  add_mailbox mail01 syt01 saola.example 'Syt-2026-hop'
  add_mailbox mail01 stc02 saola.example 'Stc-2026-hop'
  add_mailbox mail01 hoangminh saola.example 'matkhau123'
}
