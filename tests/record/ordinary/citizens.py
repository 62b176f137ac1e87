#!/usr/bin/env python3
"""Citizens: read pages, look applications up, search, send forms and PDF files, over HTTP and (a third) HTTPS."""

import sys

from lib import BROWSERS, Session, keep_going

DVC = ("dvc.saola.example", "10.10.20.10", "thu-tuc", 40)
SGDDT = ("sgddt.saola.example", "10.10.20.20", "tin-tuc", 25)
SUOILANH = ("xasuoilanh.saola.example", "10.10.20.20", "tin-tuc", 20)
SEARCHES = [
    "giấy khai sinh", "đăng ký kết hôn", "công đoàn", "union", "trade union", "select", "how to select a form from the list",
    "hồ sơ đất đai", "O'Brien", "bảo hiểm xã hội", "drop-off xe buýt", "trường học ở xã Suối Lạnh", "1=1", "cấp lại CCCD",
    "insert ảnh vào đơn", "update thông tin", "thủ tục & lệ phí", "xử phạt cờ bạc", "lương tối thiểu 2026", "50% học phí",
    "script truyền hình", "mẫu đơn <mới>", "order by phone", "quyết định số 12/2026/QĐ-UBND", "where to apply", "cmd",
]
NAMES = ["Nguyễn Văn An", "Trần Thị Bình", "Lê Hoàng Cường", "Đặng Thị Mai", "Võ Quốc Toản"]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360606000000004000156e2d8a70000000049454e44ae426082")


def read_pages(site, section, count, rng):
    site.get("/" if rng.random() < 0.5 else "/index.html")
    if rng.random() < 0.5:
        site.get("/style.css")
        site.get("/logo.png")
    for _ in range(rng.randrange(1, 4)):
        site.get(f"/{section}/{rng.randrange(1, count + 1):02d}.html")
    if rng.random() < 0.05:
        site.get(f"/{section}/canh-bao.html")
    if rng.random() < 0.05:
        site.get("/favicon.ico")


def use_portal(site, rng):
    choice = rng.random()
    if choice < 0.35:
        site.get("/tra-cuu.php", ma=f"HS{rng.randrange(1, 140):05d}")
    elif choice < 0.7:
        site.get("/tim-kiem.php", q=rng.choice(SEARCHES))
    elif choice < 0.8:
        site.get("/tai-ve.php", tep=f"mau-{rng.randrange(1, 9):02d}.pdf")
    elif choice < 0.9:
        site.post("/gop-y.php", ho_ten=rng.choice(NAMES), noi_dung="Đề nghị union (công đoàn) select lịch tiếp dân; cảm ơn!")
    elif rng.random() < 0.7:
        site.upload("/nop-ho-so.php", f"don-{rng.randrange(1000):03d}.pdf", PDF, "application/pdf", ho_ten=rng.choice(NAMES))
    else:
        site.upload("/nop-ho-so.php", f"anh-{rng.randrange(1000):03d}.png", PNG, "image/png", ho_ten=rng.choice(NAMES))


def sign_in(site, rng):
    account = f"congdan{rng.randrange(50):02d}"
    site.get("/dang-nhap.php")
    if rng.random() < 0.1:
        site.post("/dang-nhap.php", tai_khoan=account, mat_khau="quen-mat-roi")
    site.post("/dang-nhap.php", tai_khoan=account, mat_khau=f"Dung-{account}")


def visit(source, rng):
    host, address, section, count = rng.choices([DVC, SGDDT, SUOILANH], [5, 2, 2])[0]
    portal = host == DVC[0]
    tls = portal and rng.random() < 0.08
    site = Session(host, address, rng.choice(BROWSERS), source, tls)
    if rng.random() < 0.2:
        site.referer = "https://www.google.com/"
    read_pages(site, section, count, rng)
    if portal:
        if tls and rng.random() < 0.6:
            sign_in(site, rng)
        for _ in range(rng.randrange(0, 3)):
            use_portal(site, rng)
    site.close()


keep_going(float(sys.argv[1]), [f"203.0.113.{n}" for n in range(100, 112)], visit, (0.8, 4.0))
