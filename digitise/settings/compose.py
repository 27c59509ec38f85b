"""The composed `Settings` and where each value came from."""

import os
import tomllib
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from digitise.errors import InvalidValue
from digitise.settings.core import CoreSettings
from digitise.settings.ocr import OcrSettings
from digitise.settings.report import ReportSettings
from digitise.settings.sign import SignSettings
from digitise.settings.single_sign_on import SingleSignOnSettings
from digitise.settings.verify import VerifySettings
from digitise.settings.web import WebSettings

PREFIX = "DIGITISE_"
_data: ContextVar[Path | None] = ContextVar("data", default=None)  # the data directory given on the command line


class Settings(
    CoreSettings,
    OcrSettings,
    VerifySettings,
    SignSettings,
    ReportSettings,
    WebSettings,
    SingleSignOnSettings,
    BaseSettings,
):
    """All settings in force. Build with `load`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", validate_default=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of strength: given in code, environment, TOML file."""
        file = config_file()
        toml = (TomlConfigSettingsSource(settings_cls, file),) if file else ()
        return (init_settings, env_settings, *toml)


def config_file() -> Path | None:
    """Return the TOML file in force: `DIGITISE_CONFIG`, else `digitise.toml` of the data directory, else none."""
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        return Path(named)
    candidate = (_data.get() or Path(os.environ.get(PREFIX + "DATA", "data"))) / "digitise.toml"
    return candidate if candidate.is_file() else None


def load(**given: Any) -> Settings:
    """Return the settings; `given` wins over everything (command-line options, tests). Raises InvalidValue."""
    _data.set(Path(given["data"]) if given.get("data") is not None else None)
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidValue("setting", file=origin(name) if name else None, name=name, value=first["msg"]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue("setting", file=str(config_file()), name="TOML", value=str(error)) from error


def origin(name: str) -> str:
    """Say where the value of setting `name` comes from: an environment variable, a file, or the default."""
    if PREFIX + name.upper() in os.environ:
        return f"{PREFIX}{name.upper()}"
    file = config_file()
    if file and name in tomllib.loads(file.read_text(encoding="utf-8")):
        return str(file)
    return "default"
