"""The process of the small broker: `python -m threenos_server.broker.small HOST PORT`."""

import logging
import sys

#: A message of 240 KiB and its topic; the default would drop everything over 20 KiB.
MAX_PAYLOAD = 262_144


def main(host: str, port: str) -> None:
    """Serve until the process is ended: the broker has no other way to stop."""
    from iotcore import IotCoreBroker  # an optional package, there only where no mosquitto is

    # It reports every packet as an error of its tracing; what it really cannot do it says by ending.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    IotCoreBroker(listen=host, port=int(port), max_payload_size=MAX_PAYLOAD).run_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
