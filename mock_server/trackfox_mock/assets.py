"""Finds the built-in document and fixtures, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent
_INSTALLED = _PACKAGE / "_assets"


def openapi_path() -> Path:
    """The built-in OpenAPI document; in a wheel it is JSON, see `hatch_build.py`."""
    return _INSTALLED / "openapi.json" if _INSTALLED.exists() else _CHECKOUT / "openapi.yaml"


def fixtures_path() -> Path:
    """The folder of built-in fixtures; in a wheel they are JSON."""
    return (_INSTALLED if _INSTALLED.exists() else _CHECKOUT) / "fixtures"


def control_api_path() -> Path:
    """The OpenAPI document of the control API, which lies beside its code."""
    return _PACKAGE / "http" / "control" / "openapi.yaml"
