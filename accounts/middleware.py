from django.contrib.auth.middleware import LoginRequiredMiddleware


class SignInMiddleware(LoginRequiredMiddleware):
    """Default-deny: every view that is not @public asks for a sign-in."""
