"""The schema of a mock server: read from DDL, changed by it, and told to clients as their catalog."""
