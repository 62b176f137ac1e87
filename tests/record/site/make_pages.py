#!/usr/bin/env python3
"""Writes the static pages of one of the recorded web sites: make_pages.py {dvc|sgddt|suoilanh} FOLDER.

Text is invented. Among the ordinary pages stand words that careless rules would stumble over: công đoàn (union),
"select", a police warning about gambling.
"""

import pathlib
import random
import struct
import sys
import zlib

SENTENCES = [
    "Ủy ban nhân dân tỉnh Saola ban hành quyết định công bố danh mục thủ tục hành chính.",
    "Công dân nộp hồ sơ trực tuyến và nhận kết quả tại bộ phận một cửa của xã, phường.",
    "Công đoàn (Union) cơ sở tổ chức hội nghị cán bộ, công chức năm 2026.",
    "Hồ sơ gồm đơn đề nghị, bản sao giấy tờ tùy thân và giấy tờ chứng minh nơi cư trú.",
    "Thời hạn giải quyết là năm ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
    "Sở Khoa học và Công nghệ hướng dẫn cài đặt ứng dụng định danh điện tử.",
    "Người dân chọn (select) dịch vụ từ (from) danh mục, rồi bấm nút tiếp theo.",
    "Lệ phí được nộp qua cổng thanh toán quốc gia hoặc tại quầy giao dịch.",
    "Nhà trường thông báo lịch thi học kỳ và danh sách phòng thi.",
    "Xã Suối Lạnh ra quân vệ sinh môi trường, xây dựng nông thôn mới.",
]
WARNING = (
    "Công an tỉnh cảnh báo: nhiều trang mạng mời chào cá cược bóng đá, cờ bạc trực tuyến. "
    "Người dân không tham gia, không cho mượn tài khoản ngân hàng và báo ngay cho công an xã."
)
SITES = {
    "dvc": ("Cổng dịch vụ công tỉnh Saola", "thu-tuc", 40),
    "sgddt": ("Sở Giáo dục và Đào tạo tỉnh Saola", "tin-tuc", 25),
    "suoilanh": ("Trang thông tin điện tử xã Suối Lạnh", "tin-tuc", 20),
}


def png(width, height, rng):
    """A small real PNG with random stripes."""
    rows = b"".join(b"\0" + bytes([rng.randrange(256)]) * (width * 3) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def page(title, paragraphs, links):
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    menu = "\n".join(f'<li><a href="{url}">{name}</a></li>' for url, name in links)
    return (
        f'<!doctype html>\n<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="/style.css"></head>\n<body><img src="/logo.png" alt="Quốc huy"><h1>{title}</h1>\n'
        f"{body}\n<ul>\n{menu}\n</ul>\n<footer>Tỉnh Saola (địa danh hư cấu)</footer></body></html>\n"
    )


def pdf(number):
    text = f"BT /F1 12 Tf 72 720 Td (Mau don so {number:02d}) Tj ET"
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        f"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R>>endobj\n4 0 obj<</Length {len(text)}>>stream\n{text}\n"
        "endstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def main():
    site, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    title, section, count = SITES[site]
    rng = random.Random(site)
    (folder / section).mkdir(parents=True, exist_ok=True)
    (folder / "mau-don").mkdir(exist_ok=True)
    links = [(f"/{section}/{n:02d}.html", f"Bài {n:02d}") for n in range(1, count + 1)]
    for url, name in links:
        text = rng.choices(SENTENCES, k=rng.randrange(6, 22))
        (folder / url[1:]).write_text(page(f"{name} - {title}", text, rng.sample(links, 6)), encoding="utf-8")
    warned = folder / section / "canh-bao.html"
    warned.write_text(page("Cảnh báo tội phạm mạng", [WARNING] * 2, links[:4]), encoding="utf-8")
    (folder / "index.html").write_text(page(title, SENTENCES, links[:12]), encoding="utf-8")
    (folder / "style.css").write_text("body{font-family:sans-serif;max-width:60rem;margin:auto}\n" * 8)
    (folder / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    (folder / "logo.png").write_bytes(png(48, 48, rng))
    for number in range(1, 9):
        (folder / "mau-don" / f"mau-{number:02d}.pdf").write_text(pdf(number))


if __name__ == "__main__":
    main()
