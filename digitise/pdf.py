"""Facts about a PDF."""
