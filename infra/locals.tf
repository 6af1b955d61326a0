# Names and facts that several files share.

locals {
  labels = merge({ app = "mesh-triage" }, var.labels)

  # Google's service agents are called by the project's number. The bucket tells it: a data source would ask before the
  # APIs are enabled, and a number that is typed may be another project's.
  project_number = google_storage_bucket.source.project_number

  pubsub_agent = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  # Projects whose guest attributes are read: where nothing is said, the project that is observed.
  fleet_projects = coalesce(var.fleet.projects, var.scope.type == "project" ? [var.scope.id] : [])

  firestore_location = coalesce(var.firestore.location, var.region)
}
