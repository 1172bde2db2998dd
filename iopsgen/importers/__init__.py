"""Wings beside the main stair: they bring in what other programs kept. Nothing but the command line imports them."""
