"""The words that verdicts are made of: outcomes people read, the indications of ETSI beside them, what each check can find."""

from enum import StrEnum


class Outcome(StrEnum):
    """What people read. The first three are verdicts; UNSIGNED is neutral; ERROR means that the file cannot be read as a PDF."""

    VALID = "valid"  # hợp lệ
    INVALID = "invalid"  # không hợp lệ
    INDETERMINATE = "indeterminate"  # chưa đủ căn cứ
    UNSIGNED = "unsigned"  # không có chữ ký số
    ERROR = "error"


class Indication(StrEnum):
    """Main status indications of ETSI EN 319 102-1 clause 5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class SignatureRole(StrEnum):
    """In what capacity a signature was made (NĐ 30/2020 art. 5.1)."""

    PERSON = "person"  # người có thẩm quyền
    ORGANISATION = "organisation"  # cơ quan, tổ chức
    COPY = "copy"  # sao y, sao lục, trích sao
    TIMESTAMP = "timestamp"  # dấu thời gian
    UNKNOWN = "unknown"


class Integrity(StrEnum):
    """Whether the signed bytes are the bytes that were signed."""

    INTACT = "intact"
    BROKEN = "broken"


class Coverage(StrEnum):
    """How much of the file the signature covers."""

    WHOLE_FILE = "whole_file"
    WHOLE_REVISION = "whole_revision"
    PARTIAL = "partial"
    UNCLEAR = "unclear"


class Changes(StrEnum):
    """What happened to the file after the signature, judged by the policy."""

    NONE = "none"
    PERMITTED = "permitted"
    SUSPICIOUS = "suspicious"


class ChangeClass(StrEnum):
    """What kind of change came after a signature, mildest first."""

    NONE = "none"
    VALIDATION_DATA = "validation_data"  # revocation data or document timestamps
    FURTHER_SIGNATURE = "further_signature"
    FORM_FILLED = "form_filled"
    ANNOTATION = "annotation"
    CONTENT = "content"


class Chain(StrEnum):
    """What the certificate's path leads to."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"  # to an issuer that is no anchor of ours, or a rule of the path is broken
    INCOMPLETE = "incomplete"  # an issuer's certificate is missing
    UNKNOWN = "unknown"  # no certificate to start from


class Revocation(StrEnum):
    """What is known of the revocation status at the time that counts."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"


class Level(StrEnum):
    """PAdES baseline level that the signature has the parts of (EN 319 142-1)."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"
    NONE = "none"


class AnswerOrigin(StrEnum):
    """Where a revocation answer came from."""

    FILE = "file"  # the signed file brings it along
    FOLDER = "folder"  # the operator's folder of CRLs
    NETWORK = "network"
