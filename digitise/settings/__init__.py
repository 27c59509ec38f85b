"""Every knob of the service: its default and the reason for it.

Values come, strongest first, from `DIGITISE_<NAME>` in the environment, then the TOML file that `DIGITISE_CONFIG`
names (default `<data>/digitise.toml` where it exists), then the default. Secrets may be given as `<NAME>_FILE`-style
paths only; their values are never printed.
"""

from digitise.settings.compose import Settings, load, origin

__all__ = ["Settings", "load", "origin"]
