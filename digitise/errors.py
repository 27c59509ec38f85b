"""Every error that the service raises, as one tree.

    DigitiseError                    something could not be done; carries what a person needs to act
    ├── DefectInOurselves            1   500  a bug: the message asks for a report
    ├── UsageError                   2   400  the request itself is wrong
    │   ├── InvalidValue             2   422  one value of it is wrong
    │   └── NotFound                 2   404  what is named does not exist
    ├── RefusedInput                20   422  a file that cannot or may not be processed
    │   ├── UnreadableFile          20   422  damaged, truncated, not what it claims to be
    │   ├── UnsupportedType         20   415  a kind of file that is not accepted
    │   ├── PasswordNeeded          20   422  opens only with a password
    │   └── LimitExceeded           20   413  too large, too many pages or pixels, took too long
    ├── ServiceUnavailable          30   503  something we depend on is away
    │   ├── ObjectStoreUnavailable  30   503
    │   ├── DatabaseUnavailable     30   503
    │   ├── QueueUnavailable        30   503
    │   ├── EngineUnavailable       30   503  recogniser or its language data is missing
    │   ├── TimestampUnavailable    30   503
    │   ├── KeyUnavailable          30   503  token, HSM or remote signing service does not answer
    │   ├── RevocationUnavailable   30   503  neither OCSP nor CRL for our own certificate
    │   ├── DeliveryFailed          30   503  the receiver of issued documents did not take one
    │   └── DiskFull                30   507
    ├── NotAllowed                  40   403  the actor may not do this
    │   └── NotAuthenticated        40   401
    └── Conflict                    40   409  somebody else changed it, or its state forbids it
        ├── SigningRefused          40   409  a document or certificate does not meet what must hold before signing
        ├── DamagedObject           30   500  stored bytes do not match their hash
        └── LeaseLost               40   409  another worker holds the task now

Each class bears `code` (stable, for programs), `status` (HTTP), `exit_code` (CLI); the sentence for people is
looked up in `digitise/locale` under `errors.<code>` with `details` filled in.
"""

from typing import ClassVar


class DigitiseError(Exception):
    """Root of all errors; `details` fill the placeholders of the message `errors.<code>`.

    `file` names the input the error is about, where there is one.
    """

    code: ClassVar[str] = "defect"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str = "", /, *, file: str | None = None, **details: object) -> None:
        self.reason = reason
        self.file = file
        self.details: dict[str, object] = details
        super().__init__(reason or self.code)

    @property
    def message_key(self) -> str:
        """Key of the sentence for people: `errors.<code>`, or `errors.<code>.<reason>` where that exists."""
        return f"errors.{self.code}"


class DefectInOurselves(DigitiseError):
    """A state that our own code should have made impossible."""


class UsageError(DigitiseError):
    """The request is malformed."""

    code, status, exit_code = "usage", 400, 2


class InvalidValue(UsageError):
    """One value is outside what is allowed; details: `name`, `value`."""

    code, status = "invalid_value", 422


class NotFound(UsageError):
    """Nothing with that name; details: `what`, `id`."""

    code, status = "not_found", 404


class RefusedInput(DigitiseError):
    """The file cannot or may not be processed; retrying the same bytes will not help."""

    code, status, exit_code = "refused", 422, 20


class UnreadableFile(RefusedInput):
    """Damaged, truncated, empty, or not what it claims to be."""

    code = "unreadable"


class UnsupportedType(RefusedInput):
    """The content is of a kind that is not accepted."""

    code, status = "unsupported_type", 415


class PasswordNeeded(RefusedInput):
    """The file opens only with a password."""

    code = "password_needed"


class LimitExceeded(RefusedInput):
    """Larger, longer or slower than a limit of the settings allows; details: `limit`, `found`."""

    code, status = "limit_exceeded", 413


class ServiceUnavailable(DigitiseError):
    """Something we depend on is away; the same request may succeed later."""

    code, status, exit_code = "unavailable", 503, 30


class ObjectStoreUnavailable(ServiceUnavailable):
    """The object store does not answer or refuses us."""

    code = "object_store_unavailable"


class DatabaseUnavailable(ServiceUnavailable):
    """SQL does not answer or is locked."""

    code = "database_unavailable"


class QueueUnavailable(ServiceUnavailable):
    """Valkey does not answer."""

    code = "queue_unavailable"


class EngineUnavailable(ServiceUnavailable):
    """The recogniser or its language data is not installed."""

    code = "engine_unavailable"


class TimestampUnavailable(ServiceUnavailable):
    """No time-stamping authority of the list answered."""

    code = "timestamp_unavailable"


class KeyUnavailable(ServiceUnavailable):
    """The token, HSM or remote signing service that holds the key does not answer; details: `key`."""

    code = "key_unavailable"


class RevocationUnavailable(ServiceUnavailable):
    """Neither OCSP nor CRL could be had for a certificate that we sign with; details: `subject`."""

    code = "revocation_unavailable"


class DeliveryFailed(ServiceUnavailable):
    """The receiver did not take an issued document; details: `channel`, `answer`."""

    code = "delivery_failed"


class DiskFull(ServiceUnavailable):
    """No room to keep what was sent."""

    code, status = "disk_full", 507


class NotAllowed(DigitiseError):
    """The actor's role or unit does not permit this."""

    code, status, exit_code = "not_allowed", 403, 40


class NotAuthenticated(NotAllowed):
    """Nobody known is asking."""

    code, status = "not_authenticated", 401


class Conflict(DigitiseError):
    """The state of the thing forbids this, or somebody changed it meanwhile."""

    code, status, exit_code = "conflict", 409, 40


class SigningRefused(Conflict):
    """What must hold before a signature may be made does not hold; nothing was signed."""

    code = "signing_refused"


class DamagedObject(Conflict):
    """Stored bytes do not match the hash they are kept under."""

    code, status, exit_code = "damaged_object", 500, 30


class LeaseLost(Conflict):
    """The fencing token is no longer the newest: another worker has the task."""

    code = "lease_lost"
