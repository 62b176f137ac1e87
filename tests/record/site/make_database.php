<?php
// The portal's register of applications: 120 invented rows and one table that an attacker would want.
$db = new SQLite3('/var/lib/dvc/hoso.db');
$db->exec('CREATE TABLE ho_so (ma TEXT PRIMARY KEY, ten TEXT, trang_thai TEXT)');
$db->exec('CREATE TABLE tai_khoan (ten TEXT, mat_khau TEXT)');
$names = ['Nguyễn Văn An', 'Trần Thị Bình', 'Lê Hoàng Cường', 'Phạm Thu Dung', 'Hoàng Minh Đức', 'Vũ Thị Hà'];
$states = ['Đang xử lý', 'Đã trả kết quả', 'Chờ bổ sung'];
for ($i = 1; $i <= 120; $i++) {
    $db->exec(sprintf("INSERT INTO ho_so VALUES ('HS%05d', '%s', '%s')", $i, $names[$i % 6], $states[$i % 3]));
}
foreach (['canbo01', 'canbo02', 'lanhdao'] as $who) {
    $db->exec(sprintf("INSERT INTO tai_khoan VALUES ('%s', '%s')", $who, hash('sha256', "$who-mau")));
}
