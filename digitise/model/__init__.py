"""The nouns of the domain: frozen dataclasses and StrEnums, no I/O. One file per noun."""
