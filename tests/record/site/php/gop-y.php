<?php
// A citizen's suggestion: kept in a file, shown back escaped.
require 'khung.php';
dau('Góp ý');
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    file_put_contents('/var/lib/dvc/gop-y.txt', json_encode($_POST, JSON_UNESCAPED_UNICODE) . "\n", FILE_APPEND | LOCK_EX);
    echo '<p>Cảm ơn ý kiến: ', htmlspecialchars(substr($_POST['noi_dung'] ?? '', 0, 200)), '</p>';
}
cuoi();
