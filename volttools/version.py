"""The version, said once; it stands in what is written, too."""

__version__ = "0.1.0"
