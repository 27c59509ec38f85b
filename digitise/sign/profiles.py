"""Who signs what, how, and in which order. (Work in progress: the words first.)"""

from enum import StrEnum


class Digest(StrEnum):
    """Digest of document and attributes (TT 15/2025/TT-BKHCN lists the SHA-2 family)."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class Scheme(StrEnum):
    """Signature scheme where the key is RSA; other keys have only one."""

    PKCS1 = "pkcs1"  # RSASSA-PKCS1-v1_5: what tokens make
    PSS = "pss"


class Level(StrEnum):
    """PAdES baseline levels (EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"
