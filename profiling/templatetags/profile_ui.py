"""Numbers of profiles on pages."""

from django import template

from profiling import figures

register = template.Library()
register.filter("memory", figures.memory)
register.filter("share", figures.share)
register.filter("short", figures.short)
