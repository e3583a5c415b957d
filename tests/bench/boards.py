"""Many boards in one process: bare WebSockets that note when each row of the journal was shown on each of them.

Run as `python boards.py PORT COUNT TOKEN`. It prints `ready` when every board has its snapshot; when its standard input
closes it prints `{"shown": {seq: [seconds on each board, …]}, "lost": boards whose connection ended}`, on the monotonic
clock that all processes of this machine share.
"""

import asyncio
import base64
import json
import os
import struct
import sys
from collections import defaultdict
from time import monotonic

#: So many connect at the same time; a wall of screens is not switched on in one instant either.
AT_ONCE = 20
_EVENT = b"42/board,"


class Boards:
    """What was shown on all of them."""

    def __init__(self) -> None:
        self.shown: dict[int, list[float]] = defaultdict(list)
        self.lost = 0

    async def watch(self, port: int, token: str, ready: asyncio.Queue[bool]) -> None:
        """One board, until it is cancelled or cut off."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        await _frame(reader)
        _send(writer, b"40/board," + json.dumps({"token": token}).encode())
        try:
            while True:
                message = await _frame(reader)
                if message == b"2":
                    _send(writer, b"3")
                elif message.startswith(_EVENT):
                    self._hear(message, monotonic(), ready)
        except (OSError, EOFError):
            self.lost += 1
        finally:
            writer.close()

    def _hear(self, message: bytes, at: float, ready: asyncio.Queue[bool]) -> None:
        kind, said = json.loads(message.removeprefix(_EVENT))
        if kind == "snapshot":
            ready.put_nowait(True)
        elif kind == "delta":
            self.shown[said["seq"]].append(at)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """The next whole message; a close is the end. The server neither masks nor splits what it sends."""
    first, length = await reader.readexactly(2)
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    payload = await reader.readexactly(length)
    if first & 0x0F == 8:
        raise EOFError
    return payload


def _send(writer: asyncio.StreamWriter, payload: bytes) -> None:
    """A text message; the mask of zeros is as good as any other."""
    length = struct.pack(">BH", 0x80 | 126, len(payload)) if len(payload) > 125 else bytes([0x80 | len(payload)])
    writer.write(b"\x81" + length + bytes(4) + payload)


async def main(port: int, count: int, token: str) -> None:
    """All boards, until standard input closes."""
    boards, ready = Boards(), asyncio.Queue[bool]()
    tasks = []
    for start in range(0, count, AT_ONCE):
        wave = range(start, min(start + AT_ONCE, count))
        tasks += [asyncio.create_task(boards.watch(port, token, ready)) for _ in wave]
        for _ in wave:
            await asyncio.wait_for(ready.get(), 60)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    json.dump({"shown": boards.shown, "lost": boards.lost}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
