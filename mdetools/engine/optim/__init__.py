"""Optimisation: mixed precision, parameter groups, schedules."""
