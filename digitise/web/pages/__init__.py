"""The screens, one file each."""

import importlib

from fastapi import APIRouter

SCREENS = (
    "sign_in",
    "single_sign_on",
    "account",
    "todo",
    "upload",
    "reuse",
    "search",
    "document",
    "review",
    "outgoing",
    "sign",
    "verify",
    "reports",
    "figures",
    "admin",
    "people",
    "keys",
    "trust",
    "audit",
)


def routers() -> list[APIRouter]:
    """Return the routers of all screens."""
    return [importlib.import_module(f"{__name__}.{name}").router for name in SCREENS]
