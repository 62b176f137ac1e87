//! Buffers that rules look at, by the names rules know them.

use saola_net::Direction;

use super::App;

/// How far a transaction must have come before a buffer can be looked at. Detection maps each protocol's own progress
/// to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The transaction exists.
    Started,
    /// Its first line or message is there.
    Line,
    /// Its headers are there.
    Headers,
    /// Its body is coming; looked at again as it grows.
    Body,
    /// This direction is finished.
    Complete,
}

/// Where a buffer is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// In the payload or stream.
    Payload,
    /// In the headers of one packet.
    Packet,
    /// A frame.
    Frame,
    /// In transactions, whichever way the packet goes.
    Both,
    /// In transactions, to the server.
    Server,
    /// In transactions, to the client.
    Client,
}

struct Spec {
    name: &'static str,
    aliases: &'static [&'static str],
    /// Old keywords that move the content before them here.
    modifiers: &'static [&'static str],
    side: Side,
    apps: &'static [App],
    stage: Stage,
    /// There may be several: each use of the keyword asks for one that passes.
    multiple: bool,
    /// A number, compared without content.
    number: bool,
    /// No keyword of its own: another keyword looks at it.
    hidden: bool,
}

macro_rules! buffers {
    ($($variant:ident $name:literal [$($alias:literal)*] [$($modifier:literal)*] $side:ident $stage:ident
       [$($app:ident)*] $($flag:ident)* ;)*) => {
        /// A buffer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each variant is the sticky buffer of that name in the language's documentation")]
        pub enum Buffer { $($variant),* }

        impl Buffer {
            /// All buffers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn spec(self) -> Spec {
                match self {
                    $(Self::$variant => Spec {
                        name: $name,
                        aliases: &[$($alias),*],
                        modifiers: &[$($modifier),*],
                        side: Side::$side,
                        apps: &[$(App::$app),*],
                        stage: Stage::$stage,
                        multiple: false $(|| flag_is(stringify!($flag), "multiple"))*,
                        number: false $(|| flag_is(stringify!($flag), "number"))*,
                        hidden: false $(|| flag_is(stringify!($flag), "hidden"))*,
                    }),*
                }
            }
        }
    };
}

/// String equality that can run at compile time.
#[expect(
    clippy::indexing_slicing,
    reason = "bounded by the equal lengths, and evaluated by the compiler only"
)]
const fn flag_is(flag: &str, name: &str) -> bool {
    let (flag, name) = (flag.as_bytes(), name.as_bytes());
    if flag.len() != name.len() {
        return false;
    }
    let mut at = 0;
    while at < flag.len() {
        if flag[at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

buffers! {
    Payload "pkt_data" [] [] Payload Started [];
    Frame "frame" [] [] Frame Started [] hidden;
    Ipv4Header "ipv4.hdr" [] [] Packet Started [];
    Ipv6Header "ipv6.hdr" [] [] Packet Started [];
    TcpHeader "tcp.hdr" [] [] Packet Started [];
    UdpHeader "udp.hdr" [] [] Packet Started [];
    Icmpv4Header "icmpv4.hdr" [] [] Packet Started [];
    Icmpv6Header "icmpv6.hdr" [] [] Packet Started [];
    IpSource "ip.src" [] [] Packet Started [];
    IpDestination "ip.dst" [] [] Packet Started [];
    HttpUri "http.uri" [] ["http_uri"] Server Line [Http Http2 Doh2];
    HttpUriRaw "http.uri.raw" [] ["http_raw_uri"] Server Line [Http Http2 Doh2];
    HttpMethod "http.method" [] ["http_method"] Server Line [Http Http2 Doh2];
    HttpProtocol "http.protocol" ["http_protocol"] [] Both Line [Http Http2 Doh2];
    HttpRequestLine "http.request_line" ["http_request_line"] [] Server Line [Http Http2 Doh2];
    HttpHeader "http.header" [] ["http_header"] Both Headers [Http Http2 Doh2];
    HttpHeaderRaw "http.header.raw" [] ["http_raw_header"] Both Headers [Http Http2 Doh2];
    HttpHeaderNames "http.header_names" ["http_header_names"] [] Both Headers [Http Http2 Doh2];
    HttpRequestHeader "http.request_header" [] [] Server Headers [Http Http2 Doh2] multiple;
    HttpResponseHeader "http.response_header" [] [] Client Headers [Http Http2 Doh2] multiple;
    HttpCookie "http.cookie" [] ["http_cookie"] Both Headers [Http Http2 Doh2];
    HttpUserAgent "http.user_agent" [] ["http_user_agent"] Server Headers [Http Http2 Doh2];
    HttpHost "http.host" [] ["http_host"] Server Headers [Http Http2 Doh2];
    HttpHostRaw "http.host.raw" [] ["http_raw_host"] Server Headers [Http Http2 Doh2];
    HttpReferer "http.referer" ["http_referer"] [] Server Headers [Http Http2 Doh2];
    HttpAccept "http.accept" ["http_accept"] [] Server Headers [Http Http2 Doh2];
    HttpAcceptEncoding "http.accept_enc" ["http_accept_enc"] [] Server Headers [Http Http2 Doh2];
    HttpAcceptLanguage "http.accept_lang" ["http_accept_lang"] [] Server Headers [Http Http2 Doh2];
    HttpConnection "http.connection" ["http_connection"] [] Both Headers [Http Http2 Doh2];
    HttpContentType "http.content_type" ["http_content_type"] [] Both Headers [Http Http2 Doh2];
    HttpContentLength "http.content_len" ["http_content_len"] [] Both Headers [Http Http2 Doh2];
    HttpStart "http.start" ["http_start"] [] Both Headers [Http Http2 Doh2];
    HttpRequestBody "http.request_body" [] ["http_client_body"] Server Body [Http Http2 Doh2];
    HttpResponseBody "http.response_body" [] ["http_server_body"] Client Body [Http Http2 Doh2];
    HttpStatCode "http.stat_code" [] ["http_stat_code"] Client Line [Http Http2 Doh2];
    HttpStatMsg "http.stat_msg" [] ["http_stat_msg"] Client Line [Http Http2 Doh2];
    HttpResponseLine "http.response_line" ["http_response_line"] [] Client Line [Http Http2 Doh2];
    HttpLocation "http.location" [] [] Client Headers [Http Http2 Doh2];
    HttpServer "http.server" [] [] Client Headers [Http Http2 Doh2];
    FileData "file.data" ["file_data"] [] Both Body [Http Http2 Doh2 Smtp FtpData Smb Nfs];
    FileName "file.name" [] [] Both Headers [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple;
    FileSize "filesize" [] [] Both Complete [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple number;
    FileMagic "file.magic" [] [] Both Complete [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple;
    FileMd5 "filemd5" [] [] Both Complete [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple hidden;
    FileSha1 "filesha1" [] [] Both Complete [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple hidden;
    FileSha256 "filesha256" [] [] Both Complete [Http Http2 Doh2 Smtp FtpData Smb Nfs] multiple hidden;
    DnsQuery "dns.query" ["dns_query"] [] Server Started [Dns Doh2] multiple;
    DnsQueriesName "dns.queries.rrname" [] [] Both Started [Dns Doh2] multiple;
    DnsAnswersName "dns.answers.rrname" [] [] Both Started [Dns Doh2] multiple;
    DnsAuthoritiesName "dns.authorities.rrname" [] [] Both Started [Dns Doh2] multiple;
    DnsAdditionalsName "dns.additionals.rrname" [] [] Both Started [Dns Doh2] multiple;
    DnsResponseName "dns.response.rrname" [] [] Both Started [Dns Doh2] multiple;
    DnsOpcode "dns.opcode" [] [] Both Started [Dns Doh2] number;
    DnsRcode "dns.rcode" [] [] Both Started [Dns Doh2] number;
    DnsRrtype "dns.rrtype" [] [] Both Started [Dns Doh2] multiple number;
    MdnsQueriesName "mdns.queries.rrname" [] [] Both Started [Mdns] multiple;
    MdnsAnswersName "mdns.answers.rrname" [] [] Both Started [Mdns] multiple;
    MdnsAuthoritiesName "mdns.authorities.rrname" [] [] Both Started [Mdns] multiple;
    MdnsAdditionalsName "mdns.additionals.rrname" [] [] Both Started [Mdns] multiple;
    MdnsResponseName "mdns.response.rrname" [] [] Both Started [Mdns] multiple;
    LlmnrQueriesName "llmnr.queries.rrname" [] [] Both Started [Llmnr] multiple;
    LlmnrAnswersName "llmnr.answers.rrname" [] [] Both Started [Llmnr] multiple;
    LlmnrAuthoritiesName "llmnr.authorities.rrname" [] [] Both Started [Llmnr] multiple;
    LlmnrAdditionalsName "llmnr.additionals.rrname" [] [] Both Started [Llmnr] multiple;
    LlmnrResponseName "llmnr.response.rrname" [] [] Both Started [Llmnr] multiple;
    SmtpHelo "smtp.helo" [] [] Server Started [Smtp];
    SmtpMailFrom "smtp.mail_from" [] [] Server Started [Smtp];
    SmtpRcptTo "smtp.rcpt_to" [] [] Server Started [Smtp] multiple;
    EmailFrom "email.from" [] [] Server Started [Smtp];
    EmailTo "email.to" [] [] Server Started [Smtp];
    EmailCc "email.cc" [] [] Server Started [Smtp];
    EmailSubject "email.subject" [] [] Server Started [Smtp];
    EmailDate "email.date" [] [] Server Started [Smtp];
    EmailMessageId "email.message_id" [] [] Server Started [Smtp];
    EmailMailer "email.x_mailer" [] [] Server Started [Smtp];
    EmailReceived "email.received" [] [] Server Started [Smtp] multiple;
    EmailUrl "email.url" [] [] Server Complete [Smtp] multiple;
    EmailBodyMd5 "email.body_md5" [] [] Server Complete [Smtp];
    SshProto "ssh.proto" ["ssh_proto"] [] Both Started [Ssh];
    SshSoftware "ssh.software" ["ssh_software"] [] Both Started [Ssh];
    SshHassh "ssh.hassh" [] [] Server Started [Ssh];
    SshHasshString "ssh.hassh.string" [] [] Server Started [Ssh];
    SshHasshServer "ssh.hassh.server" [] [] Client Started [Ssh];
    SshHasshServerString "ssh.hassh.server.string" [] [] Client Started [Ssh];
    FtpCommand "ftp.command" [] [] Server Started [Ftp];
    FtpCommandData "ftp.command_data" [] [] Server Started [Ftp];
    FtpMode "ftp.mode" [] [] Both Started [Ftp] number;
    FtpDynamicPort "ftp.dynamic_port" [] [] Both Started [Ftp] number;
    FtpReplyReceived "ftp.reply_received" [] [] Both Started [Ftp] number;
    FtpReply "ftp.reply" [] [] Client Started [Ftp] multiple;
    FtpCompletionCode "ftp.completion_code" [] [] Client Started [Ftp] multiple;
    MqttProtocol "mqtt.connect.protocol_string" [] [] Both Started [Mqtt] multiple;
    MqttClientId "mqtt.connect.clientid" [] [] Both Started [Mqtt] multiple;
    MqttUsername "mqtt.connect.username" [] [] Both Started [Mqtt] multiple;
    MqttPassword "mqtt.connect.password" [] [] Both Started [Mqtt] multiple;
    MqttWillTopic "mqtt.connect.willtopic" [] [] Both Started [Mqtt] multiple;
    MqttWillMessage "mqtt.connect.willmessage" [] [] Both Started [Mqtt] multiple;
    MqttPublishTopic "mqtt.publish.topic" [] [] Both Started [Mqtt] multiple;
    MqttPublishMessage "mqtt.publish.message" [] [] Both Started [Mqtt] multiple;
    MqttSubscribeTopic "mqtt.subscribe.topic" [] [] Both Started [Mqtt] multiple;
    MqttUnsubscribeTopic "mqtt.unsubscribe.topic" [] [] Both Started [Mqtt] multiple;
    MqttType "mqtt.type" [] [] Both Started [Mqtt] multiple number;
    MqttQos "mqtt.qos" [] [] Both Started [Mqtt] multiple number;
    MqttVersion "mqtt.protocol_version" [] [] Both Started [Mqtt] number;
    MqttSessionPresent "mqtt.connack.session_present" [] [] Both Started [Mqtt] multiple number;
    MqttFlags "mqtt.flags" [] [] Both Started [Mqtt] multiple number;
    MqttConnectFlags "mqtt.connect.flags" [] [] Both Started [Mqtt] multiple number;
    MqttReasonCode "mqtt.reason_code" [] [] Both Started [Mqtt] multiple number;
    SipMethod "sip.method" [] [] Server Started [Sip];
    SipUri "sip.uri" [] [] Server Started [Sip];
    SipRequestLine "sip.request_line" [] [] Server Started [Sip];
    SipStatCode "sip.stat_code" [] [] Client Started [Sip];
    SipStatMsg "sip.stat_msg" [] [] Client Started [Sip];
    SipResponseLine "sip.response_line" [] [] Client Started [Sip];
    SipProtocol "sip.protocol" [] [] Both Started [Sip];
    SipFrom "sip.from" [] [] Both Started [Sip];
    SipTo "sip.to" [] [] Both Started [Sip];
    SipVia "sip.via" [] [] Both Started [Sip];
    SipUserAgent "sip.user_agent" [] [] Both Started [Sip];
    SipContentType "sip.content_type" [] [] Both Started [Sip];
    SipContentLength "sip.content_length" [] [] Both Started [Sip];
    SdpOrigin "sdp.origin" [] [] Both Started [Sip] multiple;
    SdpSessionName "sdp.session_name" [] [] Both Started [Sip] multiple;
    SdpSessionInfo "sdp.session_info" [] [] Both Started [Sip] multiple;
    SdpUri "sdp.uri" [] [] Both Started [Sip] multiple;
    SdpEmail "sdp.email" [] [] Both Started [Sip] multiple;
    SdpPhoneNumber "sdp.phone_number" [] [] Both Started [Sip] multiple;
    SdpConnectionData "sdp.connection_data" [] [] Both Started [Sip] multiple;
    SdpBandwidth "sdp.bandwidth" [] [] Both Started [Sip] multiple;
    SdpTime "sdp.time" [] [] Both Started [Sip] multiple;
    SdpRepeatTime "sdp.repeat_time" [] [] Both Started [Sip] multiple;
    SdpTimezone "sdp.timezone" [] [] Both Started [Sip] multiple;
    SdpEncryptionKey "sdp.encryption_key" [] [] Both Started [Sip] multiple;
    SdpAttribute "sdp.attribute" [] [] Both Started [Sip] multiple;
    SdpMedia "sdp.media.media" [] [] Both Started [Sip] multiple;
    SdpMediaInfo "sdp.media.media_info" [] [] Both Started [Sip] multiple;
    SdpMediaConnectionData "sdp.media.connection_data" [] [] Both Started [Sip] multiple;
    SdpMediaBandwidth "sdp.media.bandwidth" [] [] Both Started [Sip] multiple;
    SdpMediaEncryptionKey "sdp.media.encryption_key" [] [] Both Started [Sip] multiple;
    SdpMediaAttribute "sdp.media.attribute" [] [] Both Started [Sip] multiple;
    NtpVersion "ntp.version" [] [] Both Started [Ntp] number;
    NtpStratum "ntp.stratum" [] [] Both Started [Ntp] number;
    NtpMode "ntp.mode" [] [] Both Started [Ntp] number;
    NtpReferenceId "ntp.reference_id" [] [] Both Started [Ntp];
    SnmpVersion "snmp.version" [] [] Both Started [Snmp] number;
    SnmpCommunity "snmp.community" [] [] Both Started [Snmp];
    SnmpUsm "snmp.usm" [] [] Both Started [Snmp];
    SnmpPduType "snmp.pdu_type" [] [] Both Started [Snmp] number;
    SnmpTrapType "snmp.trap_type" [] [] Both Started [Snmp] number;
    SnmpTrapOid "snmp.trap_oid" [] [] Both Started [Snmp];
    SnmpTrapAddress "snmp.trap_address" [] [] Both Started [Snmp];
    DhcpLeaseTime "dhcp.leasetime" [] [] Both Started [Dhcp] number;
    DhcpRebindingTime "dhcp.rebinding_time" [] [] Both Started [Dhcp] number;
    DhcpRenewalTime "dhcp.renewal_time" [] [] Both Started [Dhcp] number;
    Krb5MessageType "krb5.msg_type" ["krb5_msg_type"] [] Both Started [Krb5] number;
    Krb5ErrorCode "krb5.err_code" ["krb5_err_code"] [] Both Started [Krb5] number;
    Krb5Cname "krb5.cname" ["krb5_cname"] [] Client Started [Krb5] multiple;
    Krb5Sname "krb5.sname" ["krb5_sname"] [] Client Started [Krb5] multiple;
    Krb5TicketEncryption "krb5.ticket_encryption" [] [] Client Started [Krb5];
    LdapRequestOperation "ldap.request.operation" [] [] Server Started [Ldap] number;
    LdapRequestDn "ldap.request.dn" [] [] Server Started [Ldap];
    LdapRequestAttribute "ldap.request.attribute_type" [] [] Server Started [Ldap] multiple;
    LdapResponsesOperation "ldap.responses.operation" [] [] Client Started [Ldap] multiple;
    LdapResponsesResultCode "ldap.responses.result_code" [] [] Client Started [Ldap] multiple;
    LdapResponsesCount "ldap.responses.count" [] [] Client Started [Ldap] number;
    LdapResponsesDn "ldap.responses.dn" [] [] Client Started [Ldap] multiple;
    LdapResponsesMessage "ldap.responses.message" [] [] Client Started [Ldap] multiple;
    LdapResponsesAttribute "ldap.responses.attribute_type" [] [] Client Started [Ldap] multiple;
    IkeInitSpi "ike.init_spi" [] [] Both Started [Ike];
    IkeRespSpi "ike.resp_spi" [] [] Both Started [Ike];
    IkeVendor "ike.vendor" [] [] Both Started [Ike] multiple;
    IkeKeyExchange "ike.key_exchange_payload" [] [] Both Started [Ike];
    IkeNonce "ike.nonce_payload" [] [] Both Started [Ike];
    IkeKeyExchangeLength "ike.key_exchange_payload_length" [] [] Both Started [Ike] number;
    IkeNonceLength "ike.nonce_payload_length" [] [] Both Started [Ike] number;
    IkeExchangeType "ike.exchtype" [] [] Both Started [Ike] number;
    IkeChosenAttribute "ike.chosen_sa_attribute" [] [] Both Started [Ike] multiple;
    RfbName "rfb.name" [] [] Client Started [Rfb];
    RfbSecurityType "rfb.sectype" [] [] Server Started [Rfb] number;
    RfbSecurityResult "rfb.secresult" [] [] Client Started [Rfb] number;
    Modbus "modbus" [] [] Both Started [Modbus] multiple;
    EnipCommand "enip.command" ["enip_command"] [] Both Started [Enip] number;
    EnipCipService "enip.cip_service" ["cip_service"] [] Both Started [Enip] multiple;
    EnipStatus "enip.status" [] [] Both Started [Enip] multiple number;
    EnipCipStatus "enip.cip_status" [] [] Both Started [Enip] multiple number;
    EnipCipClass "enip.cip_class" [] [] Both Started [Enip] multiple number;
    EnipCipInstance "enip.cip_instance" [] [] Both Started [Enip] multiple number;
    EnipCipAttribute "enip.cip_attribute" [] [] Both Started [Enip] multiple number;
    EnipVendorId "enip.vendor_id" [] [] Both Started [Enip] multiple number;
    EnipProductCode "enip.product_code" [] [] Both Started [Enip] multiple number;
    EnipDeviceType "enip.device_type" [] [] Both Started [Enip] multiple number;
    EnipRevision "enip.revision" [] [] Both Started [Enip] multiple number;
    EnipIdentityStatus "enip.identity_status" [] [] Both Started [Enip] multiple number;
    EnipState "enip.state" [] [] Both Started [Enip] multiple number;
    EnipSerial "enip.serial" [] [] Both Started [Enip] multiple number;
    EnipProductName "enip.product_name" [] [] Client Started [Enip] multiple;
    EnipServiceName "enip.service_name" [] [] Client Started [Enip] multiple;
    Dnp3Function "dnp3_func" [] [] Both Started [Dnp3] number;
    Dnp3Indications "dnp3_ind" [] [] Client Started [Dnp3];
    Dnp3Object "dnp3_obj" [] [] Both Started [Dnp3] multiple;
    Dnp3Data "dnp3.data" ["dnp3_data"] [] Both Started [Dnp3];
    SmbNamedPipe "smb.named_pipe" ["smb_named_pipe"] [] Server Started [Smb];
    SmbShare "smb.share" ["smb_share"] [] Server Started [Smb];
    SmbNtlmsspUser "smb.ntlmssp_user" [] [] Server Started [Smb];
    SmbNtlmsspDomain "smb.ntlmssp_domain" [] [] Server Started [Smb];
    SmbVersion "smb.version" [] [] Both Started [Smb] number;
    DcerpcInterface "dcerpc.iface" ["dce_iface"] [] Both Started [Dcerpc Smb] multiple;
    DcerpcOpnum "dcerpc.opnum" ["dce_opnum"] [] Both Started [Dcerpc Smb] number;
    DcerpcOpnums "dcerpc.opnums" [] [] Both Started [Dcerpc Smb];
    DcerpcStubData "dcerpc.stub_data" ["dce_stub_data"] [] Both Started [Dcerpc Smb];
    NfsProcedure "nfs_procedure" [] [] Both Started [Nfs] number;
    NfsVersion "nfs.version" ["nfs_version"] [] Both Started [Nfs] number;
    PgsqlQuery "pgsql.query" [] [] Server Started [Pgsql];
    QuicVersion "quic.version" [] [] Both Started [Quic];
    QuicSni "quic.sni" [] [] Server Started [Quic];
    QuicUserAgent "quic.ua" [] [] Server Started [Quic];
    QuicCyuHash "quic.cyu.hash" [] [] Server Started [Quic] multiple;
    QuicCyuString "quic.cyu.string" [] [] Server Started [Quic] multiple;
    Http2HeaderName "http2.header_name" [] [] Both Started [Http2 Doh2] multiple;
    Http2Header "http2.header" [] [] Both Started [Http2 Doh2] multiple;
    Http2FrameType "http2.frametype" [] [] Both Started [Http2 Doh2] multiple number;
    Http2ErrorCode "http2.errorcode" [] [] Both Started [Http2 Doh2] multiple number;
    Http2Priority "http2.priority" [] [] Both Started [Http2 Doh2] multiple number;
    Http2Window "http2.window" [] [] Both Started [Http2 Doh2] multiple number;
    Http2SizeUpdate "http2.size_update" [] [] Both Started [Http2 Doh2] multiple number;
    Http2Settings "http2.settings" [] [] Both Started [Http2 Doh2] multiple;
    WebsocketPayload "websocket.payload" [] [] Both Started [Websocket];
    WebsocketFlags "websocket.flags" [] [] Both Started [Websocket];
    WebsocketMask "websocket.mask" [] [] Both Started [Websocket] number;
    WebsocketOpcode "websocket.opcode" [] [] Both Started [Websocket] number;
    FtpDataCommand "ftpdata_command" [] [] Both Started [FtpData];
    TlsSni "tls.sni" ["tls_sni"] [] Server Started [Tls];
    TlsAlpn "tls.alpn" [] [] Both Started [Tls] multiple;
    TlsCertSubject "tls.cert_subject" ["tls_cert_subject"] [] Both Started [Tls];
    TlsCertIssuer "tls.cert_issuer" ["tls_cert_issuer"] [] Both Started [Tls];
    TlsCertSerial "tls.cert_serial" ["tls_cert_serial"] [] Both Started [Tls];
    TlsCertFingerprint "tls.cert_fingerprint" ["tls_cert_fingerprint"] [] Both Started [Tls];
    TlsCerts "tls.certs" [] [] Both Started [Tls] multiple;
    TlsSubjectAltName "tls.subjectaltname" [] [] Both Started [Tls] multiple;
    TlsRandom "tls.random" [] [] Both Started [Tls];
    TlsRandomTime "tls.random_time" [] [] Both Started [Tls];
    TlsRandomBytes "tls.random_bytes" [] [] Both Started [Tls];
    Ja3Hash "ja3.hash" ["ja3_hash"] [] Server Started [Tls Quic];
    Ja3String "ja3.string" ["ja3_string"] [] Server Started [Tls Quic];
    Ja3sHash "ja3s.hash" ["ja3s_hash"] [] Client Started [Tls Quic];
    Ja3sString "ja3s.string" [] [] Client Started [Tls Quic];
    Ja4Hash "ja4.hash" ["ja4_hash"] [] Server Started [Tls Quic];
}

impl Buffer {
    /// Name of the sticky buffer, as evidence shows it.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Other names of the sticky buffer.
    pub(crate) const fn aliases(self) -> &'static [&'static str] {
        self.spec().aliases
    }

    /// Old keywords that move the content before them into this buffer.
    pub(crate) const fn modifiers(self) -> &'static [&'static str] {
        self.spec().modifiers
    }

    pub(crate) const fn side(self) -> Side {
        self.spec().side
    }

    /// Protocols whose transactions have it; empty for payload and packet headers.
    pub const fn apps(self) -> &'static [App] {
        self.spec().apps
    }

    /// How far the transaction must have come.
    pub const fn stage(self) -> Stage {
        self.spec().stage
    }

    /// Whether a transaction may have several, each use of the keyword asking for one that passes.
    pub const fn is_multiple(self) -> bool {
        self.spec().multiple
    }

    /// Whether it is a number.
    pub const fn is_number(self) -> bool {
        self.spec().number
    }

    /// Whether its name is a sticky buffer in rules.
    pub(crate) const fn is_keyword(self) -> bool {
        !self.spec().number && !self.spec().hidden
    }

    /// Whether it is found in transactions.
    pub(crate) const fn is_transactional(self) -> bool {
        !matches!(self.spec().side, Side::Payload | Side::Packet | Side::Frame)
    }

    /// The direction that packets must have for it to be looked at; `None` for both.
    pub(crate) const fn direction(self) -> Option<Direction> {
        match self.spec().side {
            Side::Server => Some(Direction::ToServer),
            Side::Client => Some(Direction::ToClient),
            Side::Both | Side::Frame | Side::Payload | Side::Packet => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_flags_are_read() {
        let mut seen = HashSet::new();
        for buffer in Buffer::ALL {
            let names = buffer.aliases().iter().chain(buffer.modifiers());
            for name in std::iter::once(&buffer.name()).chain(names) {
                assert!(seen.insert(*name), "{name} stands twice");
            }
        }
        assert!(Buffer::DnsRrtype.is_multiple() && Buffer::DnsRrtype.is_number());
        assert!(!Buffer::HttpUri.is_multiple() && !Buffer::DnsQuery.is_number());
    }
}
