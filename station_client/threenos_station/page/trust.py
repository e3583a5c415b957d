"""The page that explains to a person how a tablet learns to trust this agent, and the certificate to download."""

from html import escape

from threenos_station.page import files
from threenos_station.page.answers import Answer
from threenos_station.page.guard import Visit
from threenos_station.page.secure import Authority, Certificate

#: iPadOS installs a profile, Android and Windows a certificate in DER; each knows its own by the type.
PROFILE, CERTIFICATE = "application/x-apple-aspen-config", "application/x-x509-ca-cert"


def page(secured: Certificate, visit: Visit, language: str | None) -> Answer:
    """In the language that was asked for, else in the one that the tablet speaks."""
    told = files.plain(f"trust.{language or _spoken(visit.headers.get('Accept-Language', ''))}.html")
    said = {
        "AUTHORITY": secured.authority.name,
        "FINGERPRINT": secured.authority.fingerprint,
        "SECURE": f"https://{visit.hosts[0]}",
    }
    text = told.body.decode()
    for name, value in said.items():
        text = text.replace("{{" + name + "}}", escape(value))
    return Answer(text.encode(), told.status, told.content_type, told.headers | {"Vary": "Accept-Language"})


def download(authority: Authority, name: str) -> Answer:
    """The authority's certificate as a device takes it."""
    if name.endswith(".mobileconfig"):
        return Answer(authority.profile(), 200, PROFILE)
    return Answer(authority.der, 200, CERTIFICATE, {"Content-Disposition": f'attachment; filename="{name}"'})


def _spoken(accepted: str) -> str:
    """The first of the languages of a browser that we speak."""
    for wanted in accepted.lower().split(","):
        if wanted.strip()[:2] in ("en", "zh"):
            return wanted.strip()[:2]
    return "en"
