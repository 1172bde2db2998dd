"""Takes the events of calendar files over as files of the site, and brings these up to date without undoing what people wrote."""
