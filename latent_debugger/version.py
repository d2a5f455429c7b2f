"""Which version this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """As installed; empty when run from a plain checkout."""
    try:
        return metadata.version("latent-debugger")
    except metadata.PackageNotFoundError:
        return ""
