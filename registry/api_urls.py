from django.urls import path

from registry.api import files, models, tus, uploads

urlpatterns = [
    path("uploads", uploads.Uploads.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadDetail.as_view()),
    path("uploads/<uuid:upload_id>/files/<path:path>", uploads.UploadFiles.as_view()),
    path("uploads/<uuid:upload_id>/unpack", uploads.Unpack.as_view()),
    path("uploads/<uuid:upload_id>/tus", tus.TusFiles.as_view()),
    path("uploads/<uuid:upload_id>/tus/<uuid:file_id>", tus.TusFile.as_view()),
    path("models", models.Models.as_view()),
    path("models/<str:name>", models.ModelDetail.as_view()),
    path("models/<str:name>/versions/<int:number>", models.Version.as_view()),
    path("models/<str:name>/versions/<int:number>/files/<path:path>", files.VersionFile.as_view()),
]
