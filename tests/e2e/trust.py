"""A browser that trusts an authority as a device does on which somebody installed it: nothing is ignored.

Chromium on Linux takes what a person trusts from the NSS database in the person's home. It is filled here through NSS
itself, which every Chromium brings along, so that no further tool is needed.
"""

import os
import ssl
import subprocess
import sys
from pathlib import Path

from e2e.conftest import chromium
from playwright.sync_api import Browser

#: Run apart, since NSS can be set up once in a process only. Arguments: the database's folder, the certificate in DER.
_FILL = """
import ctypes, sys
nss, smime = ctypes.CDLL("libnss3.so"), ctypes.CDLL("libsmime3.so")
for call in (nss.PK11_GetInternalKeySlot, smime.CERT_DecodeCertFromPackage, nss.CERT_GetDefaultCertDB):
    call.restype = ctypes.c_void_p
class Trust(ctypes.Structure):
    _fields_ = [("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("objects", ctypes.c_uint)]
VALID_AUTHORITY, TRUSTED = 1 << 3, 1 << 4
folder, der = sys.argv[1], open(sys.argv[2], "rb").read()
done = lambda failed: failed and sys.exit("NSS: %d" % nss.PR_GetError())
done(nss.NSS_InitReadWrite(f"sql:{folder}".encode()))
slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
done(nss.PK11_InitPin(slot, None, b""))
known = ctypes.c_void_p(smime.CERT_DecodeCertFromPackage(der, len(der)))
done(nss.PK11_ImportCert(slot, known, 0, b"Threenos", 0))
trust = Trust(VALID_AUTHORITY | TRUSTED, 0, 0)
done(nss.CERT_ChangeCertTrust(ctypes.c_void_p(nss.CERT_GetDefaultCertDB()), known, ctypes.byref(trust)))
"""


def launch(beside: Browser, home: Path, *flags: str) -> Browser:
    """A Chromium with a home of its own, and with further flags."""
    home.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return beside.browser_type.launch(
        executable_path=chromium(), args=[*quiet, *flags], env={**os.environ, "HOME": str(home)}
    )


def trusting(beside: Browser, home: Path, authority: Path, *flags: str) -> Browser:
    """One in whose home an authority was installed, and nothing else."""
    der = home / "authority.der"
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    der.write_bytes(ssl.PEM_cert_to_DER_cert(authority.read_text()))
    subprocess.run([sys.executable, "-c", _FILL, str(database), str(der)], check=True, timeout=60)
    return launch(beside, home, *flags)
