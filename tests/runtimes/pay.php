<?php
// Pays on the real host, by the client of the first argument: `php pay.php curl`. Prints the status.
$url = getenv("URL") ?: "https://trackfox.app/api/v1/attribute-payment";
$body = json_encode([
    "session_id" => getenv("TRACKFOX_SESSION_ID"),
    "visitor_id" => getenv("TRACKFOX_VISITOR_ID"),
    "website_id" => getenv("TRACKFOX_WEBSITE_ID"),
    "revenue" => 9900,
    "email" => "ada@example.com",
]);
$headers = ["Authorization: Bearer " . getenv("TRACKFOX_API_TOKEN"), "Content-Type: application/json"];

function by_curl(string $url, string $body, array $headers): int
{
    $request = curl_init($url);
    curl_setopt_array($request, [CURLOPT_POSTFIELDS => $body, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true]);
    if (curl_exec($request) === false) {
        fwrite(STDERR, curl_error($request) . "\n");
        exit(1);
    }
    return curl_getinfo($request, CURLINFO_RESPONSE_CODE);
}

function by_streams(string $url, string $body, array $headers): int
{
    $options = ["method" => "POST", "header" => implode("\r\n", $headers), "content" => $body, "timeout" => 10];
    if (file_get_contents($url, false, stream_context_create(["http" => $options])) === false) {
        exit(1);
    }
    return (int) explode(" ", $http_response_header[0])[1];
}

echo ["curl" => "by_curl", "streams" => "by_streams"][$argv[1]]($url, $body, $headers), "\n";
