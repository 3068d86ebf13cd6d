"""Response headers that limit what a page may do."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The admin console's own scripts (Alpine) evaluate expressions, and it styles inline.
_ADMIN_POLICY = _POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)


def content_security_policy(get_response):
    """Middleware: pages load scripts and styles from this studio only."""

    def mark(request, response):
        policy = _ADMIN_POLICY if request.path.startswith("/admin/") else _POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    if iscoroutinefunction(get_response):

        async def middleware(request):
            return mark(request, await get_response(request))

        markcoroutinefunction(middleware)
    else:

        def middleware(request):
            return mark(request, get_response(request))

    middleware.sync_capable = middleware.async_capable = True
    return middleware


content_security_policy.sync_capable = content_security_policy.async_capable = True
