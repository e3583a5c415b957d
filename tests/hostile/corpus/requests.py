"""What a socket may be sent instead of a request, and a board's socket instead of a packet."""

_SOCKET = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
_KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
_HOST = b"Host: {host}\r\n"
_UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
#: Each after a good connection, with {host} for the right name; a server answers 4xx or hangs up.
REQUESTS: dict[str, bytes] = {
    "noise": bytes(range(256)),
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
    "no version": b"GET\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: {host}\r\n\r\n",
    "a long address": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a large header": b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: a\r\n" * 5000 + b"\r\n",
    "no host": b"GET /board HTTP/1.1\r\n\r\n",
    "a socket of another version": _SOCKET + _HOST + _UPGRADE + _KEY + b"Sec-WebSocket-Version: 14\r\n\r\n",
    "a socket without a key": _SOCKET + _HOST + _UPGRADE + b"Sec-WebSocket-Version: 13\r\n\r\n",
    "a socket without a host": _SOCKET + _UPGRADE + _KEY + b"Sec-WebSocket-Version: 13\r\n\r\n",
    "a socket that asks for no upgrade": _SOCKET + _HOST + _KEY + b"Sec-WebSocket-Version: 13\r\n\r\n",
    "two lengths": b"POST /api/pair HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST /api/pair HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are none": b"POST /api/v1/session HTTP/1.1\r\nHost: {host}\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "an unknown coding": b"POST /api/v1/session HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: gzip, x\r\n\r\n",
    "a negative length": b"POST /api/v1/session HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n",
    "a length of 400 digits": b"POST /api/pair HTTP/1.1\r\nHost: {host}\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
    "a space before the colon": b"POST /api/pair HTTP/1.1\r\nHost: {host}\r\nContent-Length : 3\r\n\r\nabc",
    "a header without a colon": b"GET /health HTTP/1.1\r\nHost: {host}\r\nbroken\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
    "a carriage return in a header": b"GET /health HTTP/1.1\r\nHost: {host}\r\nA: b\rHost: evil\r\n\r\n",
    "a header that begins with a space": b"GET /health HTTP/1.1\r\n Host: {host}\r\nHost: {host}\r\n\r\n",
    "NUL in a header": b"GET /health HTTP/1.1\r\nHost: {host}\r\nA\0b: c\r\n\r\n",
    "an unknown method": b"<script> / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "CONNECT": b"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a body for nobody": b"GET /nothing/here HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello",
}

#: Text is sent as text, bytes as bytes; {n} is the namespace.
PACKETS: dict[str, str | bytes] = {
    "nothing": "",
    "noise": "\x00\x7f\ufffe",
    "binary noise": bytes(range(256)),
    "an unknown kind": "9abc",
    "a kind that is no digit": ":",
    "deep JSON of the transport": "4" + "[" * 10_000,
    "base64 that is none": "b!!!",
    "an unknown packet": "49/board,[]",
    "another namespace": "40/admin,{}",
    "no namespace": '42["resume",{"after":1}]',
    "an unknown event": '42/board,["shutdown",{"now":true}]',
    "an event without a name": "42/board,[]",
    "an event that is no list": '42/board,{"a":1}',
    "a name that is no text": "42/board,[[],{}]",
    "a name of the library": '42/board,["connect",{}]',
    "a disconnect event": '42/board,["disconnect"]',
    "no JSON": "42/board,[nonsense",
    "deep JSON": '42/board,["resume",' + "[" * 5000 + "]" * 5000 + "]",
    "5,000 digits": '42/board,["resume",{"after":' + "9" * 5000 + "}]",
    "resume with a text": '42/board,["resume",{"after":"1"}]',
    "resume with less than nothing": '42/board,["resume",{"after":-1}]',
    "resume with the future": f'42/board,["resume",{{"after":{2**62}}}]',
    "resume with NaN": '42/board,["resume",{"after":NaN}]',
    "resume with nothing": '42/board,["resume"]',
    "resume with much": '42/board,["resume",1,2,3,4]',
    "an answer to nothing": "43/board,7[]",
    "a long id": "42/board," + "7" * 99 + '["resume",{"after":1}]',
    "attachments that never come": '451-/board,["resume",{"_placeholder":true,"num":0}]',
    "attachments without end": '45999999999-/board,["resume",{}]',
    "an attachment that is not there": '451-/board,["resume",{"_placeholder":true,"num":99}]',
    "a connect again": '40/board,{"token":"x"}',
    "an error of the server": '44/board,{"message":"x"}',
    "an upgrade": "5",
    "a ping of the client": "2probe",
    "too long": "4" + "x" * 20_000,
    "too long and binary": b"x" * 20_000,
}
