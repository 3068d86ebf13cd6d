from django.urls import path

from registry import api

urlpatterns = [
    path("uploads", api.Uploads.as_view()),
    path("uploads/<uuid:upload_id>", api.UploadDetail.as_view()),
    path("uploads/<uuid:upload_id>/files/<path:path>", api.UploadFiles.as_view()),
    path("models", api.Models.as_view()),
    path("models/<str:name>", api.ModelDetail.as_view()),
    path("models/<str:name>/versions/<int:number>", api.Version.as_view()),
    path("models/<str:name>/versions/<int:number>/files/<path:path>", api.VersionFile.as_view()),
]
