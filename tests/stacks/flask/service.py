"""Flask with SQLite, as its documentation has it; gunicorn serves it."""

import json
import os
import re
import sqlite3
import time
from pathlib import Path

from flask import Flask, abort, request

MISTAKE = os.environ.get("MISTAKE")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE website (id TEXT PRIMARY KEY, token TEXT)")
database.execute(f"CREATE TABLE event (website TEXT, session TEXT {'COLLATE NOCASE' if MISTAKE == 'nocase' else ''}, visitor TEXT)")
database.execute("CREATE TABLE payment (id TEXT PRIMARY KEY)")
for website in json.loads(Path(os.environ["SHOPS"]).read_text())["websites"]:
    database.execute("INSERT INTO website VALUES (?, ?)", (website["website_id"], website["api_token"]))
    for event in website["sessions"]:
        row = website["website_id"], event["session_id"], event["visitor_id"]
        database.execute("INSERT INTO event VALUES (?, ?, ?)", row)

app = Flask(__name__)


@app.post("/api/v1/attribute-payment")
def attribute():
    header = request.headers.get("Authorization", "")
    if MISTAKE == "split":
        token = header.split(" ")[1] if header.startswith("Bearer ") else abort(401)
    else:
        bearer = re.fullmatch(r"Bearer (\S+)", header)
        token = bearer[1] if bearer else abort(401)

    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    ids = [body.get(name) for name in ("website_id", "session_id", "visitor_id")]
    email, revenue = body.get("email"), body.get("revenue")
    if not all(isinstance(value, str) for value in (*ids, email)) or not EMAIL.fullmatch(email):
        abort(400)
    if not isinstance(revenue, int) or (isinstance(revenue, bool) and MISTAKE != "bool") or revenue < 1:
        abort(400)

    known = database.execute("SELECT 1 FROM website WHERE id = ? AND token = ?", (ids[0], token)).fetchone()
    if not known:
        abort(401)
    if not database.execute("SELECT 1 FROM event WHERE website = ? AND session = ? AND visitor = ?", ids).fetchone():
        abort(404)
    if MISTAKE == "race":  # what comes between the look-up and the insert is a receipt, sent by e-mail
        payment = json.dumps([*ids, revenue, email])
        is_known = database.execute("SELECT 1 FROM payment WHERE id = ?", (payment,)).fetchone()
        time.sleep(0.05)
        if not is_known:
            database.execute("INSERT INTO payment VALUES (?)", (payment,))
    return {"message": "Payment event attributed successfully."}
