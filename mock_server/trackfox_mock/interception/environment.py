"""The variables by which a command's clients find the mock as their proxy, and trust it.

Each runtime reads others: docs/intercept.md has the table, which tests with the real clients write.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from trackfox_mock.interception.hosts import LOCAL, Hosts
from trackfox_mock.interception.trust import JAVA_PASSWORD, TrustFiles

_PRELOAD = Path(__file__).with_name("node_preload.cjs")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_BUNDLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "PERL_LWP_SSL_CA_FILE",
    "PIP_CERT",
    "NIX_SSL_CERT_FILE",
    "BUNDLE_SSL_CA_CERT",
)


def variables(
    proxy: str, hosts: Hosts, files: TrustFiles, folder: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables, each with what was there before where a variable can hold both.

    Args:
        proxy: where the mock is, as `http://127.0.0.1:40321`.
        hosts: whose calls it answers.
        files: what is trusted.
        folder: where a configuration for PHP is written.
        environ: the environment as it is.
    """
    return {
        **dict.fromkeys(_PROXIES, proxy),
        **dict.fromkeys(_BUNDLES, str(files.bundle)),
        **dict.fromkeys(
            ("NO_PROXY", "no_proxy"), _joined(",", environ.get("NO_PROXY") or environ.get("no_proxy", ""), *LOCAL)
        ),
        "DENO_CERT": str(files.certificate),
        **_node(proxy, hosts, files, environ),
        **_php(files, folder, environ),
        "JAVA_TOOL_OPTIONS": _joined(" ", environ.get("JAVA_TOOL_OPTIONS", ""), *_java(proxy, files)),
    }


def _node(proxy: str, hosts: Hosts, files: TrustFiles, environ: Mapping[str, str]) -> dict[str, str]:
    parts = urlsplit(proxy)
    escaped = str(_PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    return {
        "NODE_EXTRA_CA_CERTS": str(files.node),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _joined(" ", environ.get("NODE_OPTIONS", ""), f'--require "{escaped}"'),
        "TRACKFOX_MOCK_INTERCEPTS": json.dumps(
            {"hosts": hosts.names, "address": parts.hostname, "port": parts.port}, separators=(",", ":")
        ),
    }


def _php(files: TrustFiles, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    scanned = folder / "php"
    scanned.mkdir(exist_ok=True)
    (scanned / "trackfox-mock.ini").write_text(
        f'curl.cainfo = "{files.bundle}"\nopenssl.cafile = "{files.bundle}"\n', encoding="utf-8"
    )
    # An empty place in the list stands for the folder that PHP was built with, so the user's own settings stay.
    return {"PHP_INI_SCAN_DIR": f"{environ.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{scanned}"}


def _java(proxy: str, files: TrustFiles) -> list[str]:
    parts = urlsplit(proxy)
    options = {
        "https.proxyHost": parts.hostname,
        "https.proxyPort": parts.port,
        "http.proxyHost": parts.hostname,
        "http.proxyPort": parts.port,
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": files.java,
        "javax.net.ssl.trustStorePassword": JAVA_PASSWORD,
        "javax.net.ssl.trustStoreType": "PKCS12",
    }
    # The variable is split at white space, and quotes keep what has some in one piece.
    return [f'"-D{name}={value}"' if " " in str(value) else f"-D{name}={value}" for name, value in options.items()]


def _joined(separator: str, *parts: str) -> str:
    return separator.join(filter(None, parts))


def exports(chosen: Mapping[str, str]) -> list[str]:
    """The variables as lines of a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in chosen.items()]
