"""Layers that several networks could share."""
