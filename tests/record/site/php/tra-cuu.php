<?php
// Look-up of an application by its number. FAULT (wanted): the number goes into the statement as it came.
require 'khung.php';
dau('Tra cứu hồ sơ');
$ma = $_GET['ma'] ?? '';
$db = new SQLite3('/var/lib/dvc/hoso.db', SQLITE3_OPEN_READONLY);
$rows = $db->query("SELECT ma, ten, trang_thai FROM ho_so WHERE ma = '$ma'");
echo '<table>';
while ($rows && ($row = $rows->fetchArray(SQLITE3_NUM))) {
    echo '<tr><td>', implode('</td><td>', array_map(fn ($c) => htmlspecialchars((string) $c), $row)), "</td></tr>\n";
}
echo '</table>';
cuoi();
