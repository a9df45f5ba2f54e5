<?php
// Plain PHP with PDO and SQLite, as php.net has it; its own server serves it.
declare(strict_types=1);

$mistake = getenv('MISTAKE');

function answer(int $status, array $body): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    exit(json_encode($body));
}

function database(): PDO
{
    $database = new PDO('sqlite::memory:');
    $database->exec('CREATE TABLE website (id TEXT PRIMARY KEY, token TEXT)');
    $database->exec('CREATE TABLE event (website TEXT, session TEXT, visitor TEXT)');
    foreach (json_decode(file_get_contents(getenv('SHOPS')))->websites as $website) {
        $database->prepare('INSERT INTO website VALUES (?, ?)')->execute([$website->website_id, $website->api_token]);
        foreach ($website->sessions as $event) {
            $row = [$website->website_id, $event->session_id, $event->visitor_id];
            $database->prepare('INSERT INTO event VALUES (?, ?, ?)')->execute($row);
        }
    }
    return $database;
}

if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/api/v1/attribute-payment') {
    answer(404, ['error' => 'There is no such page.']);
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    answer(405, ['error' => 'POST is the method.']);
}
if (!preg_match('/\ABearer (\S+)\z/', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $bearer)) {
    answer(401, ['error' => 'The API token is missing.']);
}
$body = json_decode(file_get_contents('php://input'), true);
['session_id' => $session, 'visitor_id' => $visitor, 'website_id' => $website, 'revenue' => $revenue, 'email' => $email]
    = (is_array($body) ? $body : []) + array_fill_keys(['session_id', 'visitor_id', 'website_id', 'revenue', 'email'], null);
$amount = $mistake === 'numeric' ? is_numeric($revenue) : is_int($revenue);
if (!is_string($session) || !is_string($visitor) || !is_string($website) || !$amount || $revenue < 1
    || !is_string($email) || !filter_var($email, FILTER_VALIDATE_EMAIL)) {
    answer(400, ['error' => 'The body is invalid.']);
}
$known = database()->prepare('SELECT 1 FROM website WHERE id = ?' . ($mistake === 'any-token' ? ' OR' : ' AND') . ' token = ?');
$known->execute([$website, $bearer[1]]);
if (!$known->fetch()) {
    answer(401, ['error' => 'The API token is invalid.']);
}
$sought = database()->prepare('SELECT 1 FROM event WHERE website = ? AND session = ? AND visitor ' . ($mistake === 'like' ? 'LIKE' : '=') . ' ?');
$sought->execute([$website, $session, $visitor]);
if (!$sought->fetch()) {
    answer(404, ['error' => 'No such event.']);
}
answer(200, ['message' => 'Payment event attributed successfully.']);
