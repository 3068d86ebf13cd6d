"""The operator's view of people, workspaces and tokens."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from workspaces.models import Membership, Token, User, Workspace

# Roles are per workspace; Django's own groups would be a second answer to the same question.
admin.site.unregister(Group)


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


@admin.register(User)
class Users(UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("May sign in, may enter this console", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Times", {"fields": ["last_login", "date_joined"]}),
    ]


@admin.register(Workspace)
class Workspaces(ModelAdmin):
    list_display = ["name", "created_time"]
    search_fields = ["name"]
    inlines = [MembershipInline]


@admin.register(Token)
class Tokens(ModelAdmin):
    """Tokens can be ended here, not made: a token is shown once, to its owner."""

    list_display = ["name", "hint", "user", "created_time", "last_used_time"]
    list_filter = ["user"]
    search_fields = ["name", "user__username"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
