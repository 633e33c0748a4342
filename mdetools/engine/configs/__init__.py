"""Reading configs and checking them; `load_config` is in `loading`."""
