"""Nothing is said but the result: what the parsers log would be gigabytes."""

import logging
import warnings

import structlog


def be_quiet() -> None:
    """For the whole of this process."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
