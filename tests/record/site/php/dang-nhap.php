<?php
// Sign-in (the citizens use it over HTTPS).
require 'khung.php';
dau('Đăng nhập');
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $good = ($_POST['mat_khau'] ?? '') === 'Dung-' . ($_POST['tai_khoan'] ?? '');
    http_response_code($good ? 200 : 401);
    echo $good ? '<p>Xin chào</p>' : '<p>Sai tài khoản hoặc mật khẩu</p>';
}
cuoi();
