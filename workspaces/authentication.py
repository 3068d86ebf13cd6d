"""How a REST request says who it is from: a personal token, or the browser's session."""

from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from workspaces import tokens


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer slp_…`"""

    def authenticate(self, request):
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = tokens.user_of(secret.strip())
        if user is None:
            raise AuthenticationFailed("The token is unknown or revoked.")
        return user, None

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="slipway"'


class Session(SessionAuthentication):
    """The browser's session, with the CSRF token on everything that changes something."""
