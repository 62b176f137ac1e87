#!/usr/bin/env python3
"""Officials at their PCs: officials.py SECONDS ADDRESS...; name look-ups, the press over HTTP and HTTPS, own sites, mail."""

import smtplib
import ssl
import sys
from email.message import EmailMessage

from lib import BROWSERS, Session, keep_going, question

RESOLVER = "10.10.20.53"
OUTSIDE = "198.51.100.44"
A, AAAA, PTR, MX, TXT, HTTPS = 1, 28, 12, 15, 16, 65
NAMES = [
    "www.bao.example", "thoitiet.bao.example", "static.bao.example", "tracking.quangcao.example", "clients4.timkiem.example",
    "d1q6f0aelx0por.cloudfront-hucau.example", "e3891.dscd.akamaiedge-hucau.example", "update.antivirus.example",
    "4z9p5tjmcbnbleh4557z1d136q.avts.tracuu-hucau.example", "zalo.chat.example", "dvc.saola.example", "mail.saola.example",
    "qlvb.saola.example", "sgddt.saola.example", "ntp.example", "login.microsoft-hucau.example", "fonts.static.example",
    "r4---sn-8pxuuxa-nbo6l.video-hucau.example", "0.pool.ntp-hucau.example", "wpad.saola.example", "khong-co.example",
]
SYT, SUOILANH, STC = ("syt01", "Syt-2026-hop"), ("vanthu", "Vt-2026-hop"), ("stc02", "Stc-2026-hop")
ACCOUNTS = {"10.10.31": SYT, "10.10.32": SUOILANH, "10.10.33": STC}
SUBJECTS = ["Báo cáo tuần", "Giấy mời họp", "V/v rà soát danh sách", "Kế hoạch công đoàn quý IV", "Công văn 152/UBND-VX"]


def look_up(source, rng):
    for _ in range(rng.randrange(2, 7)):
        name = rng.choice(NAMES)
        question(name, A, RESOLVER, source)
        if rng.random() < 0.5:
            question(name, rng.choices([AAAA, HTTPS], [4, 1])[0], RESOLVER, source)
    if rng.random() < 0.1:
        question(f"{rng.randrange(1, 255)}.100.51.198.in-addr.arpa", PTR, RESOLVER, source)
    if rng.random() < 0.05:
        question("mail-ngoai.example", rng.choice([MX, TXT]), RESOLVER, source)


def read_press(source, rng):
    site = Session(rng.choice(NAMES[:3]), OUTSIDE, rng.choice(BROWSERS), source, tls=rng.random() < 0.1)
    site.get("/")
    for _ in range(rng.randrange(1, 4)):
        site.get(f"/tin-tuc/{rng.randrange(1, 26):02d}.html")
    if rng.random() < 0.04:
        site.get("/KB5031234-x64.exe")
    site.close()


def read_own_site(source, rng):
    site = Session("dvc.saola.example", "10.10.20.10", rng.choice(BROWSERS[:2]), source)
    site.get("/")
    site.get("/tra-cuu.php", ma=f"HS{rng.randrange(1, 121):05d}")
    site.close()


def send_mail(source, rng):
    user, password = ACCOUNTS[source.rsplit(".", 1)[0]]
    letter = EmailMessage()
    letter["From"] = f"{user}@saola.example"
    letter["To"] = rng.choice(["vanthu@saola.example", "syt01@saola.example", "congdan@mail-ngoai.example"])
    letter["Subject"] = rng.choice(SUBJECTS)
    letter.set_content("Kính gửi đồng chí,\n\nXin gửi kèm văn bản.\n\nTrân trọng.\n")
    letter.add_attachment(b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="cong-van.pdf")
    with smtplib.SMTP("10.10.20.30", 587, timeout=10, source_address=(source, 0)) as link:
        link.starttls(context=ssl._create_unverified_context())
        link.login(f"{user}@saola.example", password)
        link.send_message(letter)


def work(source, rng):
    look_up(source, rng)
    choice = rng.random()
    if choice < 0.4:
        read_press(source, rng)
    elif choice < 0.6:
        read_own_site(source, rng)
    elif choice < 0.65:
        send_mail(source, rng)


keep_going(float(sys.argv[1]), sys.argv[2:], work, (0.5, 2.6))
