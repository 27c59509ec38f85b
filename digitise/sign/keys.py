"""Keys: where they are, how their PIN is had, and what their certificates say. Read by the sign worker alone.

    [key.ubnd]
    kind = "pkcs12"
    file = "ubnd.p12"            # beside this file
    pin_file = "ubnd.pin"        # or pin_env = "NAME", or pin = "prompt"

    [key.hsm]
    kind = "pkcs11"
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "office"
    label = "signing"

    [key.remote]
    kind = "csc"
    url = "https://rs.example.vn/csc/v2"
    credential = "…"
    access_token_file = "token"

The file holds no PIN itself: `pin` with any value but "prompt" is refused.
"""

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asn1crypto import x509

from digitise.errors import InvalidValue, KeyUnavailable
from digitise.sign.certificates import read_certificates
from digitise.sign.profiles import sections

KINDS = ("pkcs12", "pkcs11", "csc")
_READ_AS: Mapping[str, Callable[[str], Any]] = {"id": bytes.fromhex, "slot": int}  # of a token's key
_PATHS = ("file", "pin_file", "certificate", "chain", "access_token_file")


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key of the keys file; `options` belong to its kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def path(self, option: str) -> Path | None:
        """Return a path of the entry."""
        value = self.options.get(option)
        return Path(value) if value else None

    @property
    def asks(self) -> bool:
        """Say whether a person is asked for the PIN."""
        return self.options.get("pin") == "prompt" and not (self.path("pin_file") or self.options.get("pin_env"))

    def text(self, option: str) -> str:
        """Return an entry that must be there."""
        value = self.options.get(option)
        if not isinstance(value, str) or not value:
            raise InvalidValue("keys", name=f"key.{self.name}.{option}", value=value or "-")
        return value


def load_keys(file: Path | None) -> dict[str, KeyEntry]:
    """Return the entries of the keys file by name; raises InvalidValue.

    A file that others may read is refused: it says where PINs are.
    """
    if file is None or not file.is_file():
        return {}
    if file.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise InvalidValue("keys_readable", name="sign_keys", value=str(file))
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue("keys", name="sign_keys", value=str(error)) from error
    found = sections(table, "key", "keys", "sign_keys")
    return {name: _entry(name, dict(options), file.parent) for name, options in found.items()}


def _entry(name: str, options: dict[str, Any], folder: Path) -> KeyEntry:
    kind = options.pop("kind", None)
    if kind not in KINDS:
        raise InvalidValue("keys", name=f"key.{name}.kind", value=kind)
    if options.get("pin", "prompt") != "prompt":
        raise InvalidValue("pin_in_file", name=f"key.{name}.pin", value="…")
    for option in _READ_AS.keys() & options.keys():
        try:
            _READ_AS[option](str(options[option]))
        except ValueError as error:
            raise InvalidValue("keys", name=f"key.{name}.{option}", value=options[option]) from error
    for option in _PATHS:
        if option in options:
            options[option] = str((folder / str(options[option])).resolve())
    return KeyEntry(name, kind, options)


Prompt = Callable[[str], str]  # name of the key → PIN


def pin_of(entry: KeyEntry, prompt: Prompt | None = None) -> str | None:
    """Return the PIN from its file, the environment or a person; None where the key needs none.

    Raises KeyUnavailable where nobody can be asked.
    """
    file = entry.path("pin_file")
    if file:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable("pin_file", key=entry.name, file=str(file)) from error
    variable = entry.options.get("pin_env")
    if variable:
        if str(variable) not in os.environ:
            raise KeyUnavailable("pin_env", key=entry.name, variable=variable)
        return os.environ[str(variable)]
    if entry.options.get("pin") == "prompt":
        if prompt is None:
            raise KeyUnavailable("nobody_to_ask", key=entry.name)
        return prompt(entry.name)
    return None


def extra_chain(entry: KeyEntry) -> list[x509.Certificate]:
    """Return the issuers that the entry names in `chain`."""
    file = entry.path("chain")
    if not file:
        return []
    try:
        return read_certificates(file)
    except (OSError, ValueError) as error:
        raise InvalidValue("keys", name=f"key.{entry.name}.chain", value=str(file)) from error


def known_certificate(entry: KeyEntry) -> x509.Certificate | None:
    """Return the certificate that can be read without any PIN: the entry's `certificate` file."""
    file = entry.path("certificate")
    try:
        return read_certificates(file)[0] if file else None
    except (OSError, ValueError, IndexError):
        return None


def keys_file(settings: Any) -> Path:
    """Return the keys file in force."""
    return Path(settings.sign_keys) if settings.sign_keys else Path(settings.data) / "keys.toml"


def profiles_file(settings: Any) -> Path | None:
    """Return the profiles file in force, None where there is none."""
    if settings.sign_profiles:
        return Path(settings.sign_profiles)
    usual = settings.data / "signing.toml"
    return usual if usual.is_file() else None
