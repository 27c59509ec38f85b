"""Keys that are open: one PIN a batch, one session a process."""

import os
from collections.abc import Mapping

from digitise.errors import NotAllowed, NotFound
from digitise.sign.cms import SigningKey
from digitise.sign.keys import KeyEntry, Prompt, pin_of


class KeyRing:
    """Opens keys when they are first used and keeps them open: one PIN a batch, one session a process."""

    def __init__(self, entries: Mapping[str, KeyEntry], prompt: Prompt | None = None) -> None:
        self.entries = entries
        self._prompt = prompt
        self._open: dict[str, SigningKey] = {}
        self._refused: set[str] = set()
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return f"KeyRing({sorted(self.entries)})"

    def key(self, name: str) -> SigningKey:
        """Return the opened key; raises NotFound, NotAllowed (wrong PIN), KeyUnavailable, InvalidValue."""
        if self._pid != os.getpid():  # sessions do not survive a fork
            self._open, self._pid = {}, os.getpid()
        if name not in self._open:
            try:
                entry = self.entries[name]
            except KeyError:
                raise NotFound("key", what="key", id=name) from None
            if name in self._refused:  # a wrong PIN is tried once: tokens lock themselves
                raise NotAllowed("wrong_pin", key=name)
            try:
                self._open[name] = open_key(entry, pin_of(entry, self._prompt))
            except NotAllowed:
                self._refused.add(name)
                raise
        return self._open[name]

    def close(self) -> None:
        """Forget every key; tokens log out."""
        for opened in self._open.values():
            close = getattr(opened, "close", None)
            if close:
                close()
        self._open = {}


def open_key(entry: KeyEntry, pin: str | None) -> SigningKey:
    """Open a key with its PIN or password."""
    match entry.kind:
        case "pkcs12":
            from digitise.sign.keys_pkcs12 import open_pkcs12

            return open_pkcs12(entry, pin)
        case "pkcs11":
            from digitise.sign.keys_pkcs11 import open_pkcs11

            return open_pkcs11(entry, pin)
        case _:
            from digitise.sign.keys_csc import open_csc

            return open_csc(entry, pin)
