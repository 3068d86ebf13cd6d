"""The operator's view of the registry: to look, not to change behind people's backs."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from registry.models import Activity, Alias, Model, ModelVersion, SavedView, Tag, VersionFile
from workspaces.read_only_admin import ReadOnly


class VersionInline(ReadOnly, TabularInline):
    model = ModelVersion
    fields = ["version", "framework", "framework_version", "stage", "risk", "size_bytes", "created_by", "created_time"]
    readonly_fields = fields
    extra = 0
    show_change_link = True


class TagInline(ReadOnly, TabularInline):
    model = Tag
    extra = 0


class FileInline(ReadOnly, TabularInline):
    model = VersionFile
    extra = 0


class AliasInline(ReadOnly, TabularInline):
    model = Alias
    fields = ["name", "version"]
    extra = 0


@admin.register(Model)
class Models(ReadOnly, ModelAdmin):
    list_display = ["name", "workspace", "last_version", "created_time"]
    list_filter = ["workspace"]
    search_fields = ["name"]
    inlines = [AliasInline, VersionInline]


@admin.register(ModelVersion)
class Versions(ReadOnly, ModelAdmin):
    list_display = [
        "reference", "framework", "framework_version", "stage", "risk", "size_bytes", "created_by", "created_time",
    ]  # fmt: skip
    list_filter = ["framework", "stage", "risk", "workspace"]
    list_select_related = ["model", "created_by"]
    search_fields = ["model__name", "description"]
    inlines = [TagInline, FileInline]


@admin.register(Activity)
class Activities(ReadOnly, ModelAdmin):
    """Who did what, those things too that are deleted since."""

    list_display = ["time", "by", "verb", "model_name", "version", "workspace"]
    list_filter = ["verb", "workspace"]
    list_select_related = ["by", "workspace"]
    search_fields = ["model_name", "by__username"]


@admin.register(SavedView)
class SavedViews(ReadOnly, ModelAdmin):
    list_display = ["name", "query", "shared", "default", "created_by", "workspace"]
    list_filter = ["shared", "workspace"]
    list_select_related = ["created_by", "workspace"]
    search_fields = ["name", "query"]
