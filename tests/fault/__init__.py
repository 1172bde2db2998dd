"""What must hold when the machine, the disk or a person gets in the way."""
