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
    Ipv4Header "ipv4.hdr" [] [] Packet Started [];
    Ipv6Header "ipv6.hdr" [] [] Packet Started [];
    TcpHeader "tcp.hdr" [] [] Packet Started [];
    UdpHeader "udp.hdr" [] [] Packet Started [];
    Icmpv4Header "icmpv4.hdr" [] [] Packet Started [];
    Icmpv6Header "icmpv6.hdr" [] [] Packet Started [];
    HttpUri "http.uri" [] ["http_uri"] Server Line [Http];
    HttpUriRaw "http.uri.raw" [] ["http_raw_uri"] Server Line [Http];
    HttpMethod "http.method" [] ["http_method"] Server Line [Http];
    HttpProtocol "http.protocol" ["http_protocol"] [] Both Line [Http];
    HttpRequestLine "http.request_line" ["http_request_line"] [] Server Line [Http];
    HttpHeader "http.header" [] ["http_header"] Both Headers [Http];
    HttpHeaderRaw "http.header.raw" [] ["http_raw_header"] Both Headers [Http];
    HttpHeaderNames "http.header_names" ["http_header_names"] [] Both Headers [Http];
    HttpRequestHeader "http.request_header" [] [] Server Headers [Http] multiple;
    HttpResponseHeader "http.response_header" [] [] Client Headers [Http] multiple;
    HttpCookie "http.cookie" [] ["http_cookie"] Both Headers [Http];
    HttpUserAgent "http.user_agent" [] ["http_user_agent"] Server Headers [Http];
    HttpHost "http.host" [] ["http_host"] Server Headers [Http];
    HttpHostRaw "http.host.raw" [] ["http_raw_host"] Server Headers [Http];
    HttpReferer "http.referer" ["http_referer"] [] Server Headers [Http];
    HttpAccept "http.accept" ["http_accept"] [] Server Headers [Http];
    HttpAcceptEncoding "http.accept_enc" ["http_accept_enc"] [] Server Headers [Http];
    HttpAcceptLanguage "http.accept_lang" ["http_accept_lang"] [] Server Headers [Http];
    HttpConnection "http.connection" ["http_connection"] [] Both Headers [Http];
    HttpContentType "http.content_type" ["http_content_type"] [] Both Headers [Http];
    HttpContentLength "http.content_len" ["http_content_len"] [] Both Headers [Http];
    HttpStart "http.start" ["http_start"] [] Both Headers [Http];
    HttpRequestBody "http.request_body" [] ["http_client_body"] Server Body [Http];
    HttpResponseBody "http.response_body" [] ["http_server_body"] Client Body [Http];
    HttpStatCode "http.stat_code" [] ["http_stat_code"] Client Line [Http];
    HttpStatMsg "http.stat_msg" [] ["http_stat_msg"] Client Line [Http];
    HttpResponseLine "http.response_line" ["http_response_line"] [] Client Line [Http];
    HttpLocation "http.location" [] [] Client Headers [Http];
    HttpServer "http.server" [] [] Client Headers [Http];
    FileData "file.data" ["file_data"] [] Both Body [Http Smtp FtpData Smb Nfs];
    FileName "file.name" [] [] Both Headers [Http Smtp FtpData Smb Nfs] multiple;
    FileSize "filesize" [] [] Both Complete [Http Smtp FtpData Smb Nfs] multiple number;
    DnsQuery "dns.query" ["dns_query"] [] Server Started [Dns] multiple;
    DnsQueriesName "dns.queries.rrname" [] [] Both Started [Dns] multiple;
    DnsAnswersName "dns.answers.rrname" [] [] Both Started [Dns] multiple;
    DnsAuthoritiesName "dns.authorities.rrname" [] [] Both Started [Dns] multiple;
    DnsAdditionalsName "dns.additionals.rrname" [] [] Both Started [Dns] multiple;
    DnsResponseName "dns.response.rrname" [] [] Both Started [Dns] multiple;
    DnsOpcode "dns.opcode" [] [] Both Started [Dns] number;
    DnsRcode "dns.rcode" [] [] Both Started [Dns] number;
    DnsRrtype "dns.rrtype" [] [] Both Started [Dns] multiple number;
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
    EmailUrl "email.url" [] [] Server Started [Smtp] multiple;
    EmailBodyMd5 "email.body_md5" [] [] Server Started [Smtp];
    SshProto "ssh.proto" ["ssh_proto"] [] Both Started [Ssh];
    SshSoftware "ssh.software" ["ssh_software"] [] Both Started [Ssh];
    SshHassh "ssh.hassh" [] [] Server Started [Ssh];
    SshHasshString "ssh.hassh.string" [] [] Server Started [Ssh];
    SshHasshServer "ssh.hassh.server" [] [] Client Started [Ssh];
    SshHasshServerString "ssh.hassh.server.string" [] [] Client Started [Ssh];
    FtpCommand "ftp.command" [] [] Server Started [Ftp];
    FtpCommandData "ftp.command_data" [] [] Server Started [Ftp];
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
    MqttReasonCode "mqtt.reason_code" [] [] Both Started [Mqtt] multiple number;
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
    Ja3Hash "ja3.hash" ["ja3_hash"] [] Server Started [Tls];
    Ja3String "ja3.string" ["ja3_string"] [] Server Started [Tls];
    Ja3sHash "ja3s.hash" ["ja3s_hash"] [] Client Started [Tls];
    Ja3sString "ja3s.string" [] [] Client Started [Tls];
    Ja4Hash "ja4.hash" ["ja4_hash"] [] Server Started [Tls];
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

    /// Whether it is found in transactions.
    pub(crate) const fn is_transactional(self) -> bool {
        !matches!(self.spec().side, Side::Payload | Side::Packet)
    }

    /// The direction that packets must have for it to be looked at; `None` for both.
    pub(crate) const fn direction(self) -> Option<Direction> {
        match self.spec().side {
            Side::Server => Some(Direction::ToServer),
            Side::Client => Some(Direction::ToClient),
            Side::Both | Side::Payload | Side::Packet => None,
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
