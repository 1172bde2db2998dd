"""Moderation: the comments of a site as somebody sees them who decides about them, and the file of decisions."""
