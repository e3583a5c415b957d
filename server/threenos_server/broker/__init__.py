"""The embedded broker: a private mosquitto where it is installed, else iotcore on loopback. An edge."""
