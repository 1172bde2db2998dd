"""From what was written to one frozen site: who belongs to whom, when things are, what is shown now."""
