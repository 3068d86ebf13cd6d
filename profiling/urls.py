app_name = "profiling"

urlpatterns = []
