# The zip of the functions, and the images that are built from it.

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62:The bucket holds the source of this very repository, read by the build alone; Cloud Audit Logs tell who wrote.
  project  = var.project_id
  name     = "${var.project_id}-mesh-triage-source"
  location = var.region

  public_access_prevention    = "enforced"
  uniform_bucket_level_access = true

  versioning {
    enabled = true
  }

  # What was deployed lately can be deployed again; what is older is in the repository.
  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 30
    }
    action {
      type = "Delete"
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "source" {
  # The hash in the name is what makes the functions notice another zip.
  name         = "mesh-triage-${filesha256(var.source_archive)}.zip"
  bucket       = google_storage_bucket.source.name
  source       = var.source_archive
  content_type = "application/zip"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Encrypted by the operator's key where kms_key_name is set; Google's keys are the documented default.
  project       = var.project_id
  location      = var.region
  repository_id = "mesh-triage"
  description   = "Images of mesh-triage's functions, built by Cloud Build"
  format        = "DOCKER"
  kms_key_name  = var.kms_key_name

  cleanup_policies {
    id     = "keep-latest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.this]
}
