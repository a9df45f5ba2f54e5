"""pytest-httpserver with one handler, as a test would have it: `python httpserver.py PORT`."""

from __future__ import annotations

import signal
import sys

from pytest_httpserver import HTTPServer

server = HTTPServer(host="127.0.0.1", port=int(sys.argv[1]))
server.expect_request("/api/v1/attribute-payment", method="POST").respond_with_json(
    {"message": "Payment event attributed successfully."}
)
server.start()
signal.pause()
