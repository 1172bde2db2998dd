"""Photographs and drawings: what their files hold, what is taken out before they are published, and their smaller versions."""
