<?php
// Download of a form. FAULT (wanted): the name may climb out of the folder.
$path = '/srv/dvc/mau-don/' . ($_GET['tep'] ?? '');
if (!is_file($path)) {
    http_response_code(404);
    exit("Không có tệp này\n");
}
header('Content-Type: application/octet-stream');
readfile($path);
