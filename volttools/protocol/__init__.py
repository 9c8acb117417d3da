"""What happens on a connection, without any input or output."""
