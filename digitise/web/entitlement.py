"""What an account of the organisation's issuer may do here: its claims against the operator's mapping, nothing by default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from digitise.errors import NotAuthenticated
from digitise.model.people import Role
from digitise.settings import Settings

EVERY_UNIT = "*"
MAX_NAME = 100  # characters of a sign-in name


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Account as it stands after this sign-in; `unit` None means every unit."""

    name: str
    display_name: str
    roles: frozenset[Role]
    unit: str | None


def entitlement(claims: Mapping[str, Any], settings: Settings) -> Entitlement:
    """Read claims by the mapping of the settings. Raises NotAuthenticated `oidc_no_role`, `oidc_no_unit`, `oidc_name`."""
    values = set(_texts(_at(claims, settings.oidc_roles_claim)))
    roles = frozenset(role for value in values for role in settings.oidc_roles.get(value, []))
    if not roles:
        raise NotAuthenticated("oidc_no_role")
    name = "".join(str(_at(claims, settings.oidc_name_claim) or "").split())[:MAX_NAME]
    if not name:
        raise NotAuthenticated("oidc_name")
    shown = claims.get("name")
    return Entitlement(
        name, shown.strip()[:MAX_NAME] if isinstance(shown, str) else name, roles, _unit(claims, settings)
    )


def _unit(claims: Mapping[str, Any], settings: Settings) -> str | None:
    """Return the unit; who has none where units are mapped is refused: every unit is never given by omission."""
    if not settings.oidc_unit_claim:
        return None
    found = [
        settings.oidc_units.get(value, "") if settings.oidc_units else value
        for value in _texts(_at(claims, settings.oidc_unit_claim))
    ]
    units = [unit for unit in found if unit]
    if len(set(units)) != 1 or (units[0] == EVERY_UNIT and not settings.oidc_units):
        raise NotAuthenticated("oidc_no_unit")
    return None if units[0] == EVERY_UNIT else units[0]


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim, by its whole name or one level down for each dot (`realm_access.roles`)."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return value.split() if " " in value else [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
