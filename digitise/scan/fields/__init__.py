"""Words → fields of an official document: number, symbol, date, place, issuer, kind, abstract, signer and what forms say.

Layout and terms by NĐ 30/2020/NĐ-CP, annexes I and III; values as printed, dates as ISO 8601, each with a calibrated confidence.
"""

from digitise.scan.fields.find import find_fields, signer_zone
from digitise.scan.fields.kinds import kind_code

__all__ = ["find_fields", "kind_code", "signer_zone"]
