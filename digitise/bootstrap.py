"""The only place where adapters are chosen: Settings → Services."""
