"""The tests; each room says what kind."""
