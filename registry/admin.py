"""The operator's view of the registry: to look, not to change behind people's backs."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from registry.models import Model, ModelVersion, Tag, VersionFile
from workspaces.read_only_admin import ReadOnly


class VersionInline(ReadOnly, TabularInline):
    model = ModelVersion
    fields = ["version", "framework", "framework_version", "size_bytes", "created_by", "created_time"]
    readonly_fields = fields
    extra = 0
    show_change_link = True


class TagInline(ReadOnly, TabularInline):
    model = Tag
    extra = 0


class FileInline(ReadOnly, TabularInline):
    model = VersionFile
    extra = 0


@admin.register(Model)
class Models(ReadOnly, ModelAdmin):
    list_display = ["name", "workspace", "last_version", "created_time"]
    list_filter = ["workspace"]
    search_fields = ["name"]
    inlines = [VersionInline]


@admin.register(ModelVersion)
class Versions(ReadOnly, ModelAdmin):
    list_display = ["reference", "framework", "framework_version", "size_bytes", "created_by", "created_time"]
    list_filter = ["framework", "workspace"]
    list_select_related = ["model", "created_by"]
    search_fields = ["model__name", "description"]
    inlines = [TagInline, FileInline]
