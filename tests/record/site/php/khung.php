<?php
// Head and foot of every dynamic page of the portal.
function dau(string $ten): void
{
    header('Content-Type: text/html; charset=utf-8');
    echo "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>", htmlspecialchars($ten),
        "</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body><h1>", htmlspecialchars($ten), "</h1>\n";
}

function cuoi(): void
{
    echo "<footer>Cổng dịch vụ công tỉnh Saola</footer></body></html>\n";
}
