#!/usr/bin/env python3
"""Plants gambling-link pages in a site's hidden folder, as such attackers do: make_spam.py FOLDER."""

import pathlib
import sys

PAGES = {
    "nha-cai-uy-tin-2026.html": "Top nhà cái uy tín 2026",
    "tai-xiu-online-doi-thuong.html": "Tài xỉu online đổi thưởng",
    "no-hu-club.html": "Nổ hũ club tặng 100k",
    "soi-cau-bach-thu-lo.html": "Soi cầu bạch thủ lô hôm nay",
    "game-bai-doi-thuong.html": "Game bài đổi thưởng",
    "ca-cuoc-bong-da.html": "Cá cược bóng đá kèo nhà cái",
}
SPAM = (
    "<p>{title} - <a href=\"http://cuoc.nhacai-hucau.example/dangky\">đăng ký nhà cái uy tín</a>, tài xỉu, nổ hũ, "
    "soi cầu lô đề, bạch thủ lô, game bài đổi thưởng, cá cược bóng đá, kèo nhà cái, casino trực tuyến, xóc đĩa, "
    "đánh bài online, khuyến mãi 100k cho tân thủ.</p>\n"
)


def main():
    folder = pathlib.Path(sys.argv[1]) / ".cache"
    folder.mkdir(parents=True, exist_ok=True)
    for name, title in PAGES.items():
        links = "".join(f'<a href="/upload/{other}">{text}</a>\n' for other, text in PAGES.items())
        body = SPAM.format(title=title) * 12
        head = f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        (folder / name).write_text(head + body + links + "</body></html>\n", encoding="utf-8")


if __name__ == "__main__":
    main()
