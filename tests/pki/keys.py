"""Test keys: made once per machine and user, kept in the temporary directory, never in the repository.

A key is named by kind and number (`rsa2048`, 3): the same name is the same key in every process, so that parallel test
workers do not each pay for RSA key generation.
"""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

_MAKERS: dict[str, Any] = {
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),  # weak on purpose
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "p192": lambda: ec.generate_private_key(ec.SECP192R1()),  # weak on purpose
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
    "dsa2048": lambda: dsa.generate_private_key(2048),
}


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"digitise-test-keys-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@cache
def key(kind: str, number: int = 0) -> Any:
    """Return the private key `number` of `kind` (one of rsa1024, rsa2048, rsa3072, p256, p384, p521, ed25519, …)."""
    file = _folder() / f"{kind}-{number}.pem"
    if not file.exists():
        pem = _MAKERS[kind]().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pem)
        try:
            os.link(draft, file)  # the first of several processes wins, and all read its key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return serialization.load_pem_private_key(file.read_bytes(), password=None)
