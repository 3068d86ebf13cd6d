"""Forms of the account page."""

from django import forms
from django.contrib.auth.forms import PasswordChangeForm

from workspaces.models import User


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]
        labels = {"first_name": "First name", "last_name": "Last name", "email": "E-mail"}


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=100, label="Name of the new token", widget=forms.TextInput(attrs={"placeholder": "laptop, ci, …"})
    )


class PasswordForm(PasswordChangeForm):
    """Django's own, without taking the focus: it is one of several forms on its page."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["old_password"].widget.attrs["autofocus"]
