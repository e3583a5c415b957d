"""Texts that mean something to whoever does not treat them as text."""

SCRIPTS = {
    "element": "<script>window.broken=1</script>",
    "attribute": '"><img src=x onerror="window.broken=1">',
    "vector": "<svg/onload=window.broken=1>",
    "address": "javascript:window.broken=1",
    "template": "{{constructor.constructor('window.broken=1')()}}${window.broken=1}",
    "closing": "</script></textarea></title><script>window.broken=1</script>",
}
#: What a spreadsheet takes for a formula; the later ones where semicolons, tabs or lines begin a cell.
FORMULAS = {
    "equals": "=HYPERLINK(1)",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "tab": "\t=1",
    "return": "\r=1",
    "wide": "＝1+1",
    "semicolon": "x;=cmd|'/c calc'!A1",
    "line": "first\n=1+1",
    "blank": " =1+1",
}
PATHS = {
    "up": "../../../../etc/passwd",
    "windows": "..\\..\\windows\\win.ini",
    "absolute": "/etc/passwd",
    "encoded": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "twice": "%252e%252e%252fetc%252fpasswd",
    "nul": "photo.png%00.exe",
    "device": "CON",
    "stream": "a::$DATA",
    "home": "~root/.ssh/id_rsa",
    "option": "-rf",
    "query": "a?site=other#b",
    "long": "a" * 5000,
}
ODD = {
    "nul": "a\0b",
    "line separator": "a\u2028b",
    "direction": "\u202eegnaro\u202c",
    "not a character": "a\uffff",
    "combining": "z" + "\u0301" * 500,
    "emoji": "\U0001f469\u200d\U0001f527",
    "log line": 'x\n2026-11-22 00:00:00 [info] level="admin"',
    "sql": "'; DROP TABLE journal; --",
    "format": "%s%n{0.__class__}",
}
EVERY = {f"{kind}: {name}": text for kind, named in
         (("script", SCRIPTS), ("formula", FORMULAS), ("path", PATHS), ("odd", ODD))
         for name, text in named.items()}  # fmt: skip
