"""What the bytes mean: declarations only, one file a concept."""
