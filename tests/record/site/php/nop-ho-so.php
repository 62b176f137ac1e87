<?php
// Filing of an application with one attachment. FAULT (wanted): the name, and so the kind, of the file is kept.
require 'khung.php';
dau('Nộp hồ sơ');
$file = $_FILES['tep'] ?? null;
if ($file && $file['error'] === UPLOAD_ERR_OK) {
    $name = basename($file['name']);
    move_uploaded_file($file['tmp_name'], "/srv/dvc/tai-len/$name");
    echo '<p>Đã nhận hồ sơ của ', htmlspecialchars($_POST['ho_ten'] ?? ''), ': <a href="/tai-len/', rawurlencode($name), '">',
        htmlspecialchars($name), '</a></p>';
} else {
    echo '<form method="post" enctype="multipart/form-data"><input name="ho_ten"><input type="file" name="tep"></form>';
}
cuoi();
