# What Google would answer where the configuration builds on it: the provider checks the forms of ids and addresses.

mock_resource "google_storage_bucket" {
  defaults = {
    project_number = 123456789012
  }
}

mock_resource "google_service_account" {
  defaults = {
    email  = "mesh-triage-mock@demo-analyzer.iam.gserviceaccount.com"
    id     = "projects/demo-analyzer/serviceAccounts/mesh-triage-mock@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-mock@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-mock@demo-analyzer.iam.gserviceaccount.com"
  }
}

mock_resource "google_cloudfunctions2_function" {
  defaults = {
    service_config = {
      uri = "https://mock-abcdefghij-ey.a.run.app"
    }
  }
}

mock_resource "google_project_iam_custom_role" {
  defaults = {
    name = "projects/demo-analyzer/roles/mock"
  }
}

mock_resource "google_organization_iam_custom_role" {
  defaults = {
    name = "organizations/210987654321/roles/mock"
  }
}

mock_resource "google_pubsub_topic" {
  defaults = {
    id = "projects/demo-analyzer/topics/mock"
  }
}

mock_resource "google_logging_project_sink" {
  defaults = {
    writer_identity = "serviceAccount:service-111@gcp-sa-logging.iam.gserviceaccount.com"
  }
}

mock_resource "google_logging_folder_sink" {
  defaults = {
    writer_identity = "serviceAccount:service-folder-222222@gcp-sa-logging.iam.gserviceaccount.com"
  }
}

mock_resource "google_logging_organization_sink" {
  defaults = {
    writer_identity = "serviceAccount:service-org-333333@gcp-sa-logging.iam.gserviceaccount.com"
  }
}
