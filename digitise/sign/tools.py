"""Settings → what signing uses. Reads key settings: called by the sign worker and by `digitise sign`, by nobody else."""

from typing import TYPE_CHECKING

from digitise.errors import InvalidValue
from digitise.sign.deliver import Receivers, webhook_secret
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import Prompt, keys_file, load_keys, profiles_file
from digitise.sign.profiles import Profile, load_profiles
from digitise.sign.signature import Tools, Verify
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer

if TYPE_CHECKING:
    from digitise.settings import Settings


def profiles(settings: "Settings") -> dict[str, Profile]:
    """Return the profiles in force; needs no key settings. Raises InvalidValue."""
    return load_profiles(profiles_file(settings))


def tools(settings: "Settings", verify: Verify | None, prompt: Prompt | None = None) -> Tools:
    """Return the tools of a batch; `prompt` asks a person for a PIN, once for each key. Raises InvalidValue."""
    authorities = Authorities(
        settings.tsa_urls,
        settings.tsa_seconds,
        settings.tsa_connect_seconds,
        settings.tsa_attempts,
        settings.tsa_rest_seconds,
    )
    gatherer = Gatherer(settings.revocation_seconds, settings.revocation_reuse_seconds)
    ring = KeyRing(load_keys(keys_file(settings)), prompt)
    return Tools(profiles(settings), ring, authorities, gatherer, verify, settings.key_warn_days)


def receivers(settings: "Settings") -> Receivers:
    """Return where issued documents go; raises InvalidValue for a secret that is none."""
    secret = b""
    if settings.delivery_secret_file:
        try:
            secret = webhook_secret(settings.delivery_secret_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidValue("webhook_secret", name="delivery_secret_file", value="…") from error
    return Receivers(settings.delivery_folder, settings.delivery_webhook, secret)
