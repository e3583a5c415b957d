"""Complaints: whom to charge, what may happen next, repeats, stops and drills; the fold from events to a complaint."""
