"""The provider of the plant's own accounts, asked as a web worker asks it when somebody signs in."""

from threenos_server.doctor.reached import Accounts
from threenos_server.settings import Settings


def ask(settings: Settings) -> Accounts | None:
    """What is wrong with what it publishes of itself, if anything; None where no provider is set."""
    if not settings.oidc_issuer:
        return None
    from threenos_server.people.provider import Provider, ProviderAway, Trust  # it brings a client for HTTP along

    try:
        Provider(Trust(settings.oidc_issuer, settings.oidc_client_id)).said_of_itself()
    except ProviderAway as e:
        return Accounts(settings.oidc_issuer, f"{e.detail} ({e.__cause__})" if e.__cause__ else e.detail)
    return Accounts(settings.oidc_issuer)
