"""What is read of the platform's answers."""
