"""Finds `openapi.yaml` and `fixtures/`, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _asset(name: str) -> Path:
    installed = _PACKAGE / "_assets" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def openapi_path() -> Path:
    """The built-in OpenAPI document."""
    return _asset("openapi.yaml")


def fixtures_path() -> Path:
    """The folder of built-in fixtures."""
    return _asset("fixtures")


def control_api_path() -> Path:
    """The OpenAPI document of the control API, which lies beside its code."""
    return _PACKAGE / "admin" / "openapi.yaml"
