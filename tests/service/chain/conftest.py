"""Who asks over HTTP here signs in with cheap passwords, see `tests/serving.py`."""

from serving import cheap_passwords

__all__ = ["cheap_passwords"]
