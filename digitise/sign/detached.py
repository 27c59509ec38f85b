"""A detached CMS signature over any bytes: what seals the list of hashes of an evidence bundle."""

import hashlib
from datetime import datetime

from digitise.sign.certificates import check_certificate
from digitise.sign.profiles import Level, Profile
from digitise.sign.signature import Tools


def detached_signature(content: bytes, profile: Profile, at: datetime, tools: Tools) -> bytes:
    """Return the ContentInfo (DER) over `content` by the profile's key; `openssl cms -verify` checks it.

    It bears a timestamp from level B-T on. Raises SigningRefused for a certificate that may not sign now, NotAllowed
    (PIN), KeyUnavailable, TimestampUnavailable.
    """
    name = profile.key_for(None)
    key = tools.ring.key(name)
    check_certificate(name, key.certificate, at, tools.warn_days)
    container = tools.container(key, profile)
    digest = hashlib.new(profile.digest, content).digest()
    signature = key.sign(container.to_be_signed(digest), profile.digest, profile.scheme)
    token = None if profile.level == Level.B_B else tools.authorities.stamp(signature, profile.digest)
    return container.join(digest, signature, token)
