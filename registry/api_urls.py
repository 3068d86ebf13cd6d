from django.urls import path

from registry.api import activity, aliases, bulk, compare, files, finding, models, tus, uploads

urlpatterns = [
    path("uploads", uploads.Uploads.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadDetail.as_view()),
    path("uploads/<uuid:upload_id>/files/<path:path>", uploads.UploadFiles.as_view()),
    path("uploads/<uuid:upload_id>/unpack", uploads.Unpack.as_view()),
    path("uploads/<uuid:upload_id>/tus", tus.TusFiles.as_view()),
    path("uploads/<uuid:upload_id>/tus/<uuid:file_id>", tus.TusFile.as_view()),
    path("models", models.Models.as_view()),
    path("models/<str:name>", models.ModelDetail.as_view()),
    path("models/<str:name>/aliases/<str:alias>", aliases.Alias.as_view()),
    path("models/<str:name>/versions/<int:number>", models.Version.as_view()),
    path("models/<str:name>/versions/<int:number>/files/<path:path>", files.VersionFile.as_view()),
    path("search/facets", finding.Facets.as_view()),
    path("search/suggestions", finding.Suggestions.as_view()),
    path("views", finding.Views.as_view()),
    path("views/<int:view_id>", finding.View.as_view()),
    path("bulk", bulk.Bulk.as_view()),
    path("compare", compare.Compare.as_view()),
    path("activity", activity.Activity.as_view()),
    path("models/<str:name>/versions/<int:number>/archive", files.VersionArchive.as_view()),
    path("models/<str:name>/versions/<int:number>/verify", files.VersionVerify.as_view()),
]
