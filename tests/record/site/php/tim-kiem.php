<?php
// Full-text search: written as it should be.
require 'khung.php';
dau('Tìm kiếm');
$q = mb_substr_or_all($_GET['q'] ?? '');
$db = new SQLite3('/var/lib/dvc/hoso.db', SQLITE3_OPEN_READONLY);
$find = $db->prepare('SELECT ma, ten FROM ho_so WHERE ten LIKE :q LIMIT 20');
$find->bindValue(':q', "%$q%");
$rows = $find->execute();
echo '<p>Kết quả cho: ', htmlspecialchars($q), '</p><ul>';
while ($row = $rows->fetchArray(SQLITE3_NUM)) {
    echo '<li>', htmlspecialchars($row[0] . ' ' . $row[1]), '</li>';
}
echo '</ul>';
cuoi();

function mb_substr_or_all(string $text): string
{
    return substr($text, 0, 300);
}
