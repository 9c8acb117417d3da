"""What is said inside of TLS, with the keys of a key log: bytes in, bytes out."""
