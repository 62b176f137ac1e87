/** What happens in the mock province: the rules that fire, whom they hit, what the evidence looks like. All made up. */

import type { Engine, Severity, Stage } from "@/api/types";

export interface Story {
  rule: string;
  engine: Engine;
  severity: Severity;
  title: string;
  title_vi: string;
  stages: Stage[];
  place: string;
  pattern: string;
  window: string;
  text: string;
  advice_vi: string;
  advice_en: string;
}

const ADVICE_VI = "1. Chụp lại màn hình và lưu chứng cứ\n2. Cô lập máy khỏi mạng nội bộ\n3. Gọi đầu mối của cơ quan, đổi mật khẩu các tài khoản liên quan";
const ADVICE_EN = "1. Keep screenshots and evidence\n2. Take the machine off the internal network\n3. Call the agency's contact and change the passwords involved";
const ADVICE = { advice_vi: ADVICE_VI, advice_en: ADVICE_EN };

export const STORIES: readonly Story[] = [
  {
    rule: "9100001", engine: "network", severity: "critical", title: "Web shell in use", title_vi: "Web shell đang được sử dụng", stages: ["execution", "persistence"],
    place: "http.uri", pattern: "cmd=whoami", window: "/uploads/anh-dai-dien.php?cmd=whoami&x=\\x00", text: 'alert http any any -> $HOME_NET any (msg:"Web shell in use"; http.uri; content:"cmd=whoami"; sid:9100001; rev:1;)', ...ADVICE,
  },
  {
    rule: "a1c9e2d4-6f10-4d2b-9a55-2f6f6a1d1c01", engine: "correlation", severity: "high", title: "Password guessing, then a successful sign-in", title_vi: "Dò mật khẩu SSO rồi đăng nhập thành công", stages: ["credential-access", "initial-access"],
    place: "Message", pattern: "Accepted password", window: "Accepted password for quantri from 203.0.113.44 port 51022 ssh2 (tài khoản quản trị)", text: "title: Password guessing, then a successful sign-in\ncorrelation:\n  type: temporal_ordered", ...ADVICE,
  },
  {
    rule: "9100017", engine: "network", severity: "high", title: "Gambling links on a government web site", title_vi: "Liên kết cờ bạc trên trang thông tin của xã", stages: ["impact"],
    place: "http.response_body", pattern: "nhà cái uy tín", window: '<a href="http://example.test/">nhà cái uy tín số 1</a> nạp rút 24/7', text: 'alert http $HOME_NET any -> any any (msg:"Gambling links"; file.data; content:"|6e 68 c3 a0|"; sid:9100017;)', ...ADVICE,
  },
  {
    rule: "9100023", engine: "network", severity: "medium", title: "DNS tunnel: many long names below one domain", title_vi: "Đường hầm DNS: nhiều tên dài dưới một tên miền", stages: ["command-and-control", "exfiltration"],
    place: "dns.query", pattern: "/^[a-z0-9]{40,}\\./", window: "dnsa7f3kq9x0v2m4n8b1c6z5l0p9o8i7u6y5t4.tunnel.example", text: 'alert dns any any -> any any (msg:"DNS tunnel"; dns.query; pcre:"/^[a-z0-9]{40,}/"; sid:9100023;)', ...ADVICE,
  },
  {
    rule: "5f0f2f6e-3f5b-4c0d-b8f1-1f4f9b7d2e10", engine: "log", severity: "high", title: "SQL injection in a web server's log", title_vi: "Chèn mã SQL thấy trong nhật ký máy chủ web", stages: ["initial-access"],
    place: "cs-uri-query", pattern: "*union*select*", window: "id=1%20UNION%20SELECT%20null,version(),null--\u202e fdp.oab-nabcgnoht", text: "title: SQL injection\nlogsource:\n  category: webserver\ndetection:\n  sel:\n    cs-uri-query|contains: union select", ...ADVICE,
  },
  {
    rule: "saola.source.quiet", engine: "system", severity: "medium", title: "A source has gone quiet", title_vi: "Nguồn im lặng: tường lửa của xã", stages: [],
    place: "source", pattern: "no record for 30 min", window: "tường lửa xã Hòa Bình: bản ghi cuối lúc 09:14", text: "", advice_vi: "Kiểm tra đường truyền và dịch vụ syslog", advice_en: "Check the line and the syslog service",
  },
  {
    rule: "9100031", engine: "network", severity: "low", title: "Port scan from outside", title_vi: "Quét cổng từ bên ngoài", stages: ["reconnaissance"],
    place: "flow", pattern: "100 ports in 60 s", window: "SYN 22,23,80,443,3389,8080,8443", text: 'alert tcp any any -> $HOME_NET any (msg:"Port scan"; flags:S; detection_filter:track by_src,count 100,seconds 60; sid:9100031;)', ...ADVICE,
  },
  {
    rule: "9100044", engine: "network", severity: "informational", title: "Old TLS version offered", title_vi: "Máy chủ còn dùng TLS phiên bản cũ", stages: [],
    place: "tls.version", pattern: "1.0", window: "TLSv1.0", text: 'alert tls any any -> any any (msg:"Old TLS"; tls.version:1.0; sid:9100044;)', advice_vi: "Lên kế hoạch nâng cấp", advice_en: "Plan an upgrade",
  },
];

export const TARGETS = [
  { label: "dvc.tinh.example", system: "Cổng dịch vụ công", level: 3, agency: "vp-ubnd" },
  { label: "sso.tinh.example", system: "Đăng nhập một lần", level: 3, agency: "skhcn" },
  { label: "xa-hoabinh.tinh.example", system: "Trang thông tin xã", level: 2, agency: "xa-hoabinh" },
  { label: "10.20.4.31", system: "", level: 0, agency: "so-taichinh" },
  { label: "qlvb.tinh.example", system: "Quản lý văn bản và điều hành", level: 3, agency: "vp-ubnd" },
  { label: "mail.tinh.example", system: "Thư công vụ", level: 3, agency: "skhcn" },
] as const;

export const AGENCIES = [
  { id: "tinh", parent: null, kind: "province", name_vi: "Tỉnh", name_en: "Province" },
  { id: "vp-ubnd", parent: "tinh", kind: "department", name_vi: "Văn phòng UBND tỉnh", name_en: "Office of the People's Committee" },
  { id: "skhcn", parent: "tinh", kind: "department", name_vi: "Sở Khoa học và Công nghệ", name_en: "Department of Science and Technology" },
  { id: "so-taichinh", parent: "tinh", kind: "department", name_vi: "Sở Tài chính", name_en: "Department of Finance" },
  { id: "xa-hoabinh", parent: "tinh", kind: "commune", name_vi: "Xã Hòa Bình", name_en: "Hoa Binh commune" },
] as const;

export const PEOPLE = [
  { name: "admin", display_name: "Nguyễn Thị Sáu", role: "administrator" },
  { name: "truc", display_name: "Trần Quốc Trực", role: "responder" },
] as const;
