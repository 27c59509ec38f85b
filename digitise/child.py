"""Limited children: untrusted files are parsed only here."""
