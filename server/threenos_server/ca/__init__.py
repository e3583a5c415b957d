"""The installation's own certificate authority, for addresses that no public one can vouch for."""
