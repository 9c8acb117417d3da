"""Events as JSON lines and back: `lines` writes them, `messages` reads them, `values` knows the types."""
