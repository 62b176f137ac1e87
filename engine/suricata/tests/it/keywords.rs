//! Every keyword: it loads, it hits, it nearly misses.

use super::wire::*;

const TCP: &str = "tcp any any -> any any";
const UDP: &str = "udp any any -> any any";
const HTTP: &str = "http any any -> any any";

fn datagram(payload: &[u8]) -> Vec<Vec<u8>> {
    vec![udp((CLIENT, 4000), (SERVER, 5000), payload)]
}

#[track_caller]
fn check_udp(payload: &[u8], hits: &[&str], misses: &[&str]) {
    for options in hits {
        assert_eq!(
            count(UDP, options, &datagram(payload)),
            1,
            "should hit: {options}"
        );
    }
    for options in misses {
        assert_eq!(
            count(UDP, options, &datagram(payload)),
            0,
            "should miss: {options}"
        );
    }
}

#[test]
fn content_and_its_modifiers() {
    check_udp(
        b"GET /index.html HTTP/1.1",
        &[
            "content:\"index\";",
            "content:\"INDEX\"; nocase;",
            "content:!\"absent\";",
            "content:\"GET\"; startswith;",
            "content:\"1.1\"; endswith;",
            "content:\"GET /index.html HTTP/1.1\"; startswith; endswith;",
            "content:\"index\"; offset:5; depth:5;",
            "content:\"GET\"; content:\"html\"; distance:8; within:4;",
            "content:\"GET\"; content:\"html\"; within:12;",
            "content:\"index\"; content:\"GET\"; distance:-10;",
            "content:\"GET|20 2f|\"; rawbytes;",
            "content:\"index\"; fast_pattern:only;",
            "content:\"index.html\"; fast_pattern:2,4;",
            "content:\"index\"; content:!\"POST\"; distance:0;",
        ],
        &[
            "content:\"INDEX\";",
            "content:!\"index\";",
            "content:\"index\"; startswith;",
            "content:\"HTTP\"; endswith;",
            "content:\"index\"; depth:9;",
            "content:\"index\"; offset:6;",
            "content:\"GET\"; content:\"html\"; distance:9;",
            "content:\"GET\"; content:\"html\"; within:11;",
            "content:\"index\"; content:\"GET\"; distance:-4;",
            "content:\"index\"; content:!\"HTTP\"; distance:0;",
        ],
    );
}

#[test]
fn pcre_forms() {
    check_udp(
        b"user=admin&pass=x1\n",
        &[
            "content:\"user\"; pcre:\"/pass=x\\d$/\";",
            "pcre:\"/USER=/i\";",
            "content:\"user=\"; pcre:\"/^admin/R\";",
            "pcre:!\"/root/\";",
            "pcre:\"/(?<=pass=)x/\";",
        ],
        &[
            "pcre:\"/USER=/\";",
            "content:\"user=\"; pcre:\"/^dmin/R\";",
            "pcre:!\"/admin/\";",
            "pcre:\"/(?<=user=)x/\";",
        ],
    );
}

#[test]
fn numbers_in_payload() {
    check_udp(
        b"\x00\x05hello 0x1F 12;TAIL",
        &[
            "byte_test:2,=,5,0;",
            "byte_test:1,&,4,1;",
            "byte_test:2,=,0x0500,0,little;",
            "content:\"hello \"; byte_test:4,=,31,0,relative,string,hex;",
            "content:\"0x1F \"; byte_test:2,>,11,0,relative,string,dec;",
            "byte_jump:2,0; content:\" 0x\"; distance:0; within:3;",
            "byte_extract:2,0,len; content:\"hello\"; offset:2; depth:len;",
            "byte_extract:2,0,len; isdataat:len,relative;",
            "byte_math:bytes 2, offset 0, oper +, rvalue 2, result at; content:\" 0x1F\"; offset:at; depth:5;",
            "content:\"TAIL\"; isdataat:!1,relative;",
            "isdataat:19;",
            "byte_test:1,!=,4,1;",
        ],
        &[
            "byte_test:2,=,6,0;",
            "byte_test:2,=,5,0,little;",
            "byte_test:2,=,5,50;",
            "byte_jump:2,0; content:\"hello\"; distance:0; within:5;",
            "byte_jump:2,0,multiplier 100; content:\"T\";",
            "content:\"TAIL\"; isdataat:1,relative;",
            "isdataat:20;",
            "byte_math:bytes 2, offset 0, oper -, rvalue 1, result at; content:\"hello\"; offset:at; depth:5;",
        ],
    );
}

#[test]
fn base64() {
    check_udp(
        b"auth: VGVzdA== end",
        &["content:\"auth: \"; base64_decode:bytes 8, relative; base64_data; content:\"Test\"; startswith;"],
        &["content:\"auth: \"; base64_decode:bytes 8, relative; base64_data; content:\"test\";"],
    );
}

#[test]
fn packet_numbers() {
    check_udp(
        b"12345678",
        &[
            "dsize:8;",
            "dsize:4<>20;",
            "dsize:!9;",
            "ttl:64;",
            "id:4660;",
            "ip_proto:udp;",
            "fragbits:D;",
            "fragbits:!M;",
            "fragoffset:0;",
            "udp.hdr; content:\"|0f a0|\"; startswith;",
            "ipv4.hdr; content:\"|45|\"; startswith;",
            "tos:0;",
        ],
        &[
            "dsize:>8;",
            "ttl:<64;",
            "id:1;",
            "ip_proto:6;",
            "fragbits:M;",
            "fragoffset:>0;",
            "udp.hdr; content:\"|0f a1|\"; startswith;",
            "sameip;",
            "ipopts:any;",
            "vlan.id:5;",
        ],
    );
}

#[test]
fn icmp_keywords() {
    let packets = vec![icmp(CLIENT, SERVER, 8, 0, 7, 9, b"ping")];
    let hits = |options: &str| count("icmp any any -> any any", options, &packets);
    for options in [
        "itype:8;",
        "icode:0;",
        "icmp_id:7;",
        "icmp_seq:9;",
        "itype:>7; content:\"ping\";",
    ] {
        assert_eq!(hits(options), 1, "{options}");
    }
    for options in ["itype:0;", "icode:>0;", "icmp_id:9;", "icmp_seq:7;"] {
        assert_eq!(hits(options), 0, "{options}");
    }
}

#[test]
fn tcp_keywords() {
    let packets = conversation(40_000, 9999, &[Say::Client(b"hello"), Say::Server(b"welcome")]);
    let hits = |options: &str| count(TCP, options, &packets);
    assert_eq!(hits("flags:S;"), 1);
    assert_eq!(hits("flags:S,CE;"), 1);
    assert_eq!(hits("flags:SA;"), 1);
    assert_eq!(hits("flags:+F;"), 2);
    assert_eq!(hits("tcp.flags:syn,ack;"), 1);
    assert_eq!(hits("seq:1000;"), 1);
    assert_eq!(hits("ack:9001; flags:A;"), 1);
    assert_eq!(hits("window:8192; flags:S;"), 1);
    assert_eq!(hits("window:!8192;"), 0);
    assert_eq!(hits("flow:established,to_server; content:\"hello\";"), 1);
    assert_eq!(hits("flow:established,to_client; content:\"hello\";"), 0);
    assert_eq!(hits("flow:to_client,only_stream; content:\"welcome\";"), 1);
    assert_eq!(hits("flow:no_stream; content:\"hello\";"), 1);
    assert_eq!(hits("flow:not_established; content:\"hello\";"), 0);
    assert_eq!(hits("flow:established; stream_size:client,>,4; dsize:7;"), 1);
    assert_eq!(hits("flow:established; stream_size:client,>,100; dsize:7;"), 0);
    assert_eq!(hits("tcp.hdr; content:\"|9c 40|\"; startswith; flags:S;"), 1);
}

const REQUEST: &[u8] = b"POST /a/b%41.php?x=1 HTTP/1.1\r\nHost: Www.Example.com:80\r\nUser-Agent: curl/8\r\n\
    Cookie: k=v\r\nReferer: http://r.example/\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nbody=EVIL";
const RESPONSE: &[u8] =
    b"HTTP/1.1 404 Not Here\r\nServer: nginx\r\nLocation: /z\r\nContent-Type: text/html\r\n\
    Set-Cookie: s=1\r\nContent-Length: 12\r\n\r\n<b>answer</b";

#[test]
fn http_buffers() {
    let packets = http(REQUEST, RESPONSE);
    let hits = [
        "http.uri; content:\"/a/bA.php?x=1\"; startswith; endswith;",
        "http.uri.raw; content:\"b%41\";",
        "http.method; content:\"POST\"; bsize:4;",
        "http.protocol; content:\"HTTP/1.1\"; flow:to_server;",
        "http.request_line; content:\"POST /a\"; startswith;",
        "http.host; content:\"www.example.com\"; bsize:15;",
        "http.host.raw; content:\"Www.Example.com:80\";",
        "http.host; dotprefix; content:\".example.com\"; endswith;",
        "http.user_agent; content:\"curl/\"; startswith;",
        "http.cookie; content:\"k=v\"; flow:to_server;",
        "http.referer; content:\"r.example\";",
        "http.content_type; content:\"text/plain\"; flow:to_server;",
        "http.content_len; content:\"9\"; flow:to_server;",
        "http.header; content:\"User-Agent|3a 20|curl\"; flow:to_server;",
        "http.header.raw; content:\"Www.Example\"; flow:to_server;",
        "http.header_names; content:\"|0d 0a|Host|0d 0a|User-Agent\"; startswith; flow:to_server;",
        "http.start; content:\"POST /a/b%41\"; startswith; flow:to_server;",
        "http.request_header; content:\"Host|3a 20|\"; startswith;",
        "http.request_body; content:\"EVIL\"; endswith;",
        "http.request_body; to_lowercase; content:\"evil\";",
        "http.stat_code; content:\"404\";",
        "http.stat_msg; content:\"Not Here\";",
        "http.response_line; content:\"HTTP/1.1 404\";",
        "http.server; content:\"nginx\";",
        "http.location; content:\"/z\";",
        "http.response_body; content:\"answer\";",
        "file.data; content:\"answer\"; flow:to_client;",
        "file_data; content:\"<b>\"; startswith; flow:to_client;",
        "file_data; content:\"EVIL\"; flow:to_server;",
        "content:\"/a/bA\"; http_uri; content:\"x=1\"; http_uri; distance:0; content:\"POST\"; http_method;",
        "content:\"EVIL\"; http_client_body; fast_pattern; content:\"body=\"; http_client_body;",
        "uricontent:\"bA.php\";",
        "content:\"POST\"; http_method; pcre:\"/x=\\d/U\";",
        "urilen:13;",
        "urilen:15,raw;",
        "urilen:12<>14;",
        "http.accept; absent; flow:to_server;",
        "http.user_agent; absent:or_else; content:\"curl\";",
    ];
    let misses = [
        "http.uri; content:\"b%41\";",
        "http.method; content:\"GET\";",
        "http.host; content:\"Www\";",
        "http.host; content:\"example.com\"; bsize:11;",
        "http.request_body; content:\"evil\";",
        "http.user_agent; content:!\"curl\";",
        "http.user_agent; absent;",
        "http.stat_code; content:\"200\";",
        "http.response_body; content:\"nothing\";",
        "http.accept; content:!\"x\"; flow:to_server;",
        "content:\"POST\"; http_uri;",
        "urilen:15;",
        "urilen:>13;",
        "http.uri; content:\"/a/\"; content:\"php\"; distance:4; within:3;",
    ];
    for options in hits {
        assert_eq!(count(HTTP, options, &packets), 1, "should hit once: {options}");
    }
    for options in misses {
        assert_eq!(count(HTTP, options, &packets), 0, "should miss: {options}");
    }
}

#[test]
fn keyword_names_are_what_the_documentation_lists() {
    let names = saola_suricata::keyword_names();
    for name in [
        "content",
        "http.uri",
        "http_uri",
        "dns.query",
        "tls.sni",
        "flowbits",
        "byte_math",
        "dotprefix",
    ] {
        assert!(names.binary_search(&name).is_ok(), "{name}");
    }
    assert!(names.len() > 150, "{}", names.len());
}
