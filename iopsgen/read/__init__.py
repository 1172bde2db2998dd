"""From bytes to values: what volunteers wrote, typed, with every problem found."""
