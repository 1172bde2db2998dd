"""Other people's parsers and validators, over what iopsgen writes."""
