"""One file for each room of iopsgen; each test says in one sentence what holds."""
