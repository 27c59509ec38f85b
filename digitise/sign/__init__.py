"""Outgoing PDF → signed, timestamped, verified, delivered."""
